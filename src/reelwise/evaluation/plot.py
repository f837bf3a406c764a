"""A picture of how good recommendations are, depending on how many films somebody picks."""

from pathlib import Path

from reelwise.errors import UsageError
from reelwise.evaluation.report import RankingOutcome, summarise
from reelwise.storage.atomic import check_file, replacing_file

_OURS = "blend by taste"
_KINDS = (".png", ".svg")


def check_plot(path: Path) -> None:
    """Find out before any work whether a plot can be written to `path`.

    Raises:
        UsageError: Raised when it is not an SVG or PNG, cannot be written there, or matplotlib is not installed.
    """
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"--plot is {str(path)!r}; expected a file name that ends in .svg or .png")
    check_file(path)
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise UsageError('--plot needs matplotlib; python3 -m pip install "reelwise[plot]"') from None


def plot_selections(selections: RankingOutcome, path: Path) -> None:
    """Draw NDCG@10 against the number of picks, a line for each recommender and a band of 95 % around ours.

    The kind of file follows from the name; see `check_plot`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    lines = {name: summarise(chosen) for name, chosen in selections.figures.items()}
    places = range(len(selections.picks))
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "reelwise"}):  # text stays text; the same file each time
        figure = Figure(figsize=(7.5, 4.5), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        for number, (name, found) in enumerate(sorted(lines.items(), key=lambda item: -item[1].mean)):
            ours = name == _OURS
            colour = "#c0392b" if ours else f"C{(0, 1, 2, 4, 5, 7, 8, 9)[number % 8]}"
            axes.plot(
                places, found.each, marker="o", markersize=6 if ours else 4, linewidth=2.5 if ours else 1.3,
                color=colour, label=name, zorder=3 if ours else 2,
            )  # fmt: skip
            if ours:
                low, high = zip(*found.intervals, strict=True)
                axes.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0, zorder=1)
        axes.set_xticks(places, [str(n) for n in selections.picks])
        axes.set_xlabel("films picked")
        axes.set_ylabel("NDCG@10 (band: 95 % interval)")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", linewidth=0.5, alpha=0.5)
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
        kind = path.suffix.lower().removeprefix(".")
        with replacing_file(path) as unfinished:
            figure.savefig(unfinished, format=kind, dpi=160, metadata={"Date": None} if kind == "svg" else None)
