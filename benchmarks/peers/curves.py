"""RMSE against seconds of training, and how long Reelwise takes to be where LIBMF ends."""

from collections.abc import Sequence
from pathlib import Path

from peers.contestants import REELWISE_GIVEN, Contestant
from peers.runner import Job, Runner, Split

STOPS = (1, 2, 3, 5, 7, 10, 14, 20)

Curve = list[tuple[int, float, float]]  # epochs, seconds, RMSE


def report(runner: Runner, split: Split, threads: int, runs: int, peers: Sequence[Contestant]) -> dict[str, Curve]:
    """Measure the curves of Reelwise and of `peers`, and print how long Reelwise takes to be where LIBMF ends."""
    print(f"\nTime to LIBMF's final RMSE: first split, {threads} threads, epochs given, RMSE taken outside the clock, "
          f"medians of {runs}")  # fmt: skip
    jobs = [Job(who, threads, stops(who)) for who in (REELWISE_GIVEN, *peers)]
    fits = runner.run_in_turn(jobs, split, runs)
    curves = {
        job.who.full_name: [(stop or 0, found[stop].median, found[stop].mean_rmse) for stop in job.epochs]
        for job, found in zip(jobs, fits, strict=True)
        if found
    }
    ours = curves[REELWISE_GIVEN.full_name]
    for who in peers:
        if who.library == "libmf" and who.full_name in curves:
            _, seconds, target = curves[who.full_name][-1]
            there = next(((stop, taken) for stop, taken, rmse in ours if rmse <= target), None)
            text = "never" if there is None else f"{there[1]:.3f} s, {there[0]} epochs; ratio {seconds / there[1]:.2f}"
            print(f"{who.full_name}: {target:.4f} in {seconds:.3f} s. Reelwise: {text} "
                  f"(at the end {ours[-1][2]:.4f} in {ours[-1][1]:.3f} s)", flush=True)  # fmt: skip
    return curves


def stops(who: Contestant) -> tuple[int | None, ...]:
    """After how many epochs to look: each of them for Reelwise, some for others.

    Each is a fit from the start, so that nothing but fitting is within the clock.
    """
    last = who.epochs or 0
    return tuple(range(1, last + 1)) if who.library == "reelwise" else (*(stop for stop in STOPS if stop < last), last)


def plot(curves: dict[str, Curve], path: Path) -> None:
    """Draw the curves; single points are contestants of which only the end is known."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "reelwise"}):  # text stays text; the same file each time
        figure = Figure(figsize=(8.5, 4.8), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        for number, (name, points) in enumerate(curves.items()):
            ours = name.startswith("Reelwise")
            axes.plot(
                [seconds for _, seconds, _ in points], [rmse for _, _, rmse in points],
                marker="o" if len(points) > 1 else "D", markersize=5 if ours else 4, linewidth=2.5 if ours else 1.3,
                color="#c0392b" if ours else f"C{(0, 1, 2, 4, 5, 6, 7, 8, 9)[number % 9]}", zorder=3 if ours else 2,
                label=name,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("seconds of training")
        axes.set_ylabel("RMSE on the held-out tenth of the first split")
        axes.set_ylim(top=0.92)  # first epochs would take all the room
        axes.grid(axis="y", linewidth=0.5, alpha=0.5)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        figure.savefig(path, dpi=160, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
