"""How long somebody waits at the page: until it stands, and until a pick has changed the list.

    python3 benchmarks/page.py [--data DIR] [--threads 2]

Trains on MovieLens 1M (DIR), serves it, and opens the page in Chromium without a window. "Stands" is the largest
contentful paint on loopback, with nothing in the browser's cache. "A pick" goes from the press to the frame that shows
the new list. The limits are 1 s and 100 ms. Needs `pip install "reelwise[test]"` and Chromium.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import servers
from common import create_parser, describe_versions, report_latencies
from reelwise.artifacts.folder import write_model
from reelwise.data.readers.movielens import read_dataset
from reelwise.training.pipeline import TrainingSettings, train

VISITS, PICKS = 9, 40
STANDS, CHANGES = 1000, 100  # milliseconds

LARGEST_PAINT = """() => new Promise((done) =>
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""

PRESS = """(i) => new Promise((done) => {
  const tiles = document.querySelectorAll("#start .tile");
  const started = performance.now();
  const changed = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
  const watch = new MutationObserver(() => { watch.disconnect(); changed(); });
  watch.observe(document.getElementById("cards"), { childList: true, subtree: true });
  tiles[i % tiles.length].click();
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
        opened(page, page_address)
        page.locator("#start .tile").first.click()
        page.locator(".card").nth(9).wait_for()
        # Up to a dozen picks and down again: each press adds a film or takes it away.
        order = [*range(1, 12), *range(1, 12)] * 2
        report_latencies("a pick changes the list", [page.evaluate(PRESS, i) for i in order[:PICKS]], CHANGES)


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
