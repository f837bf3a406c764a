"""How long somebody waits at the page: until it stands, and until a pick has changed the list.

    python3 benchmarks/page.py [--data DIR] [--threads 2]

Trains on MovieLens 1M (DIR), serves it, and opens the page in Chromium without a window. "Stands" is the largest
contentful paint on loopback, with nothing in the browser's cache. "A pick" goes from the change of 19 to 20 picks, or
back, to the frame that shows the new list; then the same by somebody with 500 ratings of their own. The limits are
0.5 s, 150 ms and 300 ms. Then first visits on slow 3G (400 kbit/s, 400 ms there and back): until each screen stands,
and how much of the window moved meanwhile (cumulative layout shift), of which 0.05 is the limit. Needs
`pip install "reelwise[test]"` and Chromium.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, sync_playwright

import servers
from common import create_parser, describe_versions, report_latencies
from reelwise.artifacts.folder import write_model
from reelwise.data.readers.movielens import read_dataset
from reelwise.training.pipeline import TrainingSettings, train

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from support.systems.slow_network import SHIFTS, SLOW_3G

VISITS, PICKS, RATINGS = 9, 40, 500
STANDS, CHANGES, CHANGES_LONG = 500, 150, 300  # milliseconds
MOVES = 0.05  # cumulative layout shift
SIZES = {"desktop": (1280, 720), "phone": (390, 844)}
SCREENS = {  # name: (path, what stands last)
    "start": ("", "#start .tile >> nth=23"),
    "ten films": ("?m=1214,541", "#cards .card >> nth=9"),
    "a film": ("film/1214?m=541", "#film .histogram"),
    "together": ("?m=1214#together?Anna=260", "#together-cards .card >> nth=9"),
    "map": ("map?m=1214", "#sky-frame[aria-busy=false]"),
    "model": ("model", "figure >> nth=5"),
}

LARGEST_PAINT = """() => new Promise((done) =>
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""

# To another number of picks and back, as the back button does it; the list is new once it is no longer busy.
CHANGE = """(address) => new Promise((done) => {
  const started = performance.now();
  const results = document.getElementById("results");
  const watch = new MutationObserver(() => {
    if (results.ariaBusy === "true") return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
  });
  watch.observe(results, { attributes: true, attributeFilter: ["aria-busy"] });
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
})"""


def main() -> None:
    """Measure and print."""
    options = create_parser("Milliseconds that somebody waits at the page.").parse_args()
    dataset = read_dataset(options.data)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        write_model(model, train(dataset, TrainingSettings(threads=options.threads, evaluate=False)))
        with servers.reelwise(model) as server:
            measure(f"http://127.0.0.1:{server.port}/app/", len(dataset.catalogue))


def measure(page_address: str, films: int) -> None:
    """Visit, pick, and print what it took."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print(f"{describe_versions()}, Chromium {browser.version}, {films:,} films")
        report_latencies("the page stands", [visit(browser, page_address) for _ in range(VISITS)], STANDS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        starters = page.request.get(f"{page_address}../api/v1/movies/starter?n=100").json()
        ids = [str(film["movieId"]) for film in starters]
        lists = [f"{page_address}?m={','.join(ids[:count])}" for count in (19, 20)]
        page.goto(lists[1])
        page.locator("#cards .card").nth(9).wait_for()
        report_latencies("a pick changes the list", change(page, lists), CHANGES)
        page.goto(f"{page_address}#mine")
        page.locator("#bring-file").set_input_files([ratings(page, page_address, {*ids[:20]})])
        page.locator("#cards .card").nth(9).wait_for()
        report_latencies(f"the same with {RATINGS} ratings", change(page, lists), CHANGES_LONG)
        for size in SIZES:
            for screen in SCREENS:
                report_slow_visit(browser, page_address, screen, size)


def change(page: Page, lists: list[str]) -> list[float]:
    """Milliseconds of each change from one list to another."""
    return [float(page.evaluate(CHANGE, lists[i % len(lists)])) for i in range(PICKS)]


def ratings(page: Page, page_address: str, picked: set[str]) -> FilePayload:
    """So many ratings of well-known films that are not picked, as the page saves them."""
    letters = "etaoinsrhldcumfpgwybvk"
    found = [page.request.get(f"{page_address}../api/v1/movies?limit=50&q={letter}").json() for letter in letters]
    films = list(
        {film["movieId"]: film for part in found for film in part if str(film["movieId"]) not in picked}.values()
    )
    films = films[:RATINGS]
    said = {"seen": True, "liked": False, "watchlist": False, "disliked": False}
    rated = [film | said | {"stars": 1 + i % 9 / 2, "at": i} for i, film in enumerate(films)]
    content = json.dumps({"reelwise": 1, "films": rated}).encode()
    return {"name": "reelwise.json", "mimeType": "application/json", "buffer": content}


def report_slow_visit(browser: Browser, page_address: str, screen: str, size: str) -> None:
    """Visit a screen on slow 3G, and print when it stood and how much moved."""
    path, part = SCREENS[screen]
    context = browser.new_context(viewport=ViewportSize(width=SIZES[size][0], height=SIZES[size][1]))
    page = context.new_page()
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
    started = perf_counter()
    page.goto(page_address + path, wait_until="commit")
    page.locator(part).wait_for(timeout=60_000)
    seconds = perf_counter() - started
    page.evaluate("document.fonts.ready")
    moved = float(page.evaluate(SHIFTS))
    verdict = "within" if moved <= MOVES else "ABOVE"
    print(f"slow 3G, {screen}, {size}: {seconds:.1f} s, moves {moved:.3f}, {verdict} {MOVES}")
    context.close()


def opened(page: Page, address: str) -> None:
    """Go there, and wait until the films to start from are drawn."""
    page.goto(address)
    page.locator("#start .tile").nth(23).wait_for()


def visit(browser: Browser, address: str) -> float:
    """Milliseconds until the largest part of the page is painted, for somebody who was never there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    opened(page, address)
    taken = float(page.evaluate(LARGEST_PAINT))
    context.close()
    return taken


if __name__ == "__main__":
    main()
