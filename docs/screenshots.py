"""Takes the pictures of the page that the README and the guide show, from the built-in sample.

    python3 docs/screenshots.py

Needs `pip install "reelwise[test]"` and Chromium. Writes docs/images/page-*.png, the same from the same version.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from reelwise.artifacts.folder import write_model
from reelwise.data.sample.dataset import read_sample
from reelwise.training.pipeline import TrainingSettings, train

IMAGES = Path(__file__).parent / "images"
PICTURES = {  # name: (path, theme, what has to be in sight)
    "page-start": ("", "light", "#start .tile >> nth=9"),
    "page-films": ("?m=1214,541,1206", "dark", ".card >> nth=2"),
    "page-map": ("?m=1214,541,1206", "dark", "#map"),
}


def main() -> None:
    """Train, serve, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder) / "model", train(read_sample(), TrainingSettings(threads=2)))
        command = [sys.executable, "-m", "reelwise", "serve", "--port", "0", "--model", f"{folder}/model"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            found = None
            while found is None:
                found = re.search(r"answers at (http://\S+)/ ", server.stderr.readline())
            try:
                take(f"{found[1]}/app/")
            finally:
                server.terminate()


def take(address: str) -> None:
    """All pictures from the page at `address`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (path, theme, part) in PICTURES.items():
            context = browser.new_context(
                viewport={"width": 1440, "height": 960} if part != "#map" else {"width": 1280, "height": 720},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(address + path)
            page.locator(part).wait_for()
            page.wait_for_load_state("networkidle")
            if part == "#map":
                page.locator(part).evaluate("part => part.scrollIntoView({ behavior: 'instant' })")
                page.wait_for_timeout(500)  # the map draws in frames of its own
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()


if __name__ == "__main__":
    main()
