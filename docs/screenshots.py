"""Takes pictures of every screen of the page, and those that the README and the guide show, from the built-in sample.

    python3 docs/screenshots.py              # docs/images/page-*.png, the same from the same version
    python3 docs/screenshots.py --all DIR    # every screen at three sizes, light and dark, to be looked at

Needs `pip install "reelwise[test]"` and Chromium.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from reelwise.artifacts.folder import write_model
from reelwise.data.sample.dataset import read_sample
from reelwise.training.pipeline import TrainingSettings, train

IMAGES = Path(__file__).parent / "images"
SIZES = {"phone": (390, 844), "laptop": (1280, 720), "desktop": (1920, 1080)}
THEMES = ("light", "dark")
PICKS = "m=1214,541,1206"


class Screen(NamedTuple):
    """Where a screen is, what has to be in sight, and what is pressed before."""

    path: str
    part: str
    press: str = ""
    language: str = "en"


SCREENS = {
    "start": Screen("", "#start .tile >> nth=9"),
    "films": Screen(f"?{PICKS}", ".card >> nth=2"),
    "film": Screen(f"film/1214?{PICKS}", "#film[open] h3 >> nth=1"),
    "together": Screen(f"?{PICKS}#together?Anna=260,1196&Ben=318:4.5,858", "#together-cards .card >> nth=2"),
    "guest": Screen("#together", "#guest-tiles .tile >> nth=3", "#pass-phone"),
    "mine": Screen("#mine", "#bring"),
    "map": Screen(f"map?{PICKS}", "#sky-frame[aria-busy=false]"),
    "map-card": Screen(f"map?{PICKS}", "#map-card", "#zoom-mine"),
    "model": Screen("model", "figure >> nth=2"),
    "start-de": Screen("", "#start .tile >> nth=9", language="de"),
    "together-de": Screen(
        f"?{PICKS}#together?Anna=260,1196&Ben=318:4.5,858", "#together-cards .card >> nth=2", language="de"
    ),
    "films-es": Screen(f"?{PICKS}", ".card >> nth=2", language="es"),
    "model-fr": Screen("model", "figure >> nth=2", language="fr"),
}
KEPT = {  # name of the picture: (screen, size, theme)
    "page-start": ("start", (1440, 960), "light"),
    "page-films": ("films", (1440, 960), "dark"),
    "page-map": ("map", (1280, 720), "dark"),
}


def main() -> None:
    """Train, serve, take the pictures."""
    parser = argparse.ArgumentParser(description="Pictures of the page.")
    parser.add_argument("--all", type=Path, metavar="DIR", help="every screen, at every size, in both themes, to DIR")
    folder = parser.parse_args().all
    with served_sample() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if folder is None:
            for name, (screen, size, theme) in KEPT.items():
                take(browser, address, SCREENS[screen], size, theme, IMAGES / f"{name}.png")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name, screen in SCREENS.items():
            for kind, size in SIZES.items():
                for theme in THEMES:
                    take(browser, address, screen, size, theme, folder / f"{name}-{kind}-{theme}.png")


@contextmanager
def served_sample() -> Iterator[str]:
    """The address of the page, with a model of the built-in sample behind it."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder) / "model", train(read_sample(), TrainingSettings(threads=2)))
        command = [sys.executable, "-m", "reelwise", "serve", "--port", "0", "--model", f"{folder}/model"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            found = None
            while found is None:
                found = re.search(r"answers at (http://\S+)/ ", server.stderr.readline())
            Thread(target=server.stderr.read, daemon=True).start()  # or the server waits for its log to be read
            try:
                yield f"{found[1]}/app/"
            finally:
                server.terminate()


def take(browser: Browser, address: str, screen: Screen, size: tuple[int, int], theme: str, target: Path) -> None:
    """One picture."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        locale=screen.language,
    )
    page = context.new_page()
    page.goto(address + screen.path)
    if screen.press:
        page.locator(f"{screen.press}:enabled").click()
    page.locator(screen.part).wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)  # the map draws in frames of its own
    page.screenshot(path=target)
    context.close()


if __name__ == "__main__":
    main()
