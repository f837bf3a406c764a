import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from reelwise.errors import UsageError
from reelwise.evaluation.plot import check_plot, plot_selections
from reelwise.evaluation.ranking import RankingFigures
from reelwise.evaluation.report import ChosenSetting, RankingOutcome

pytestmark = pytest.mark.xdist_group("plots")  # so that one worker alone imports what draws them

PICKS = (1, 3, 5)
NAMES = ("blend by taste", "popularity", "user-kNN")


def outcome() -> RankingOutcome:
    rng = np.random.default_rng(0)

    def chosen(level: float) -> ChosenSetting:
        per_user = rng.uniform(0, 2 * level, 50)
        return ChosenSetting("", RankingFigures(per_user, per_user, per_user, per_user, per_user, 0.1, 50, 0.5, 3.0))

    figures = {name: [chosen(0.2 + 0.1 * place) for _ in PICKS] for place, name in enumerate(NAMES)}
    return RankingOutcome("", PICKS, figures)


def test_an_svg_names_axes_numbers_of_picks_and_every_recommender(tmp_path: Path) -> None:
    plot_selections(outcome(), tmp_path / "picks.svg")
    texts = {node.text for node in ET.parse(tmp_path / "picks.svg").iter() if node.tag.endswith("}text")}
    assert texts >= {*NAMES, *map(str, PICKS), "films picked", "NDCG@10 (band: 95 % interval)"}


def test_a_png_is_one(tmp_path: Path) -> None:
    plot_selections(outcome(), tmp_path / "picks.PNG")
    assert (tmp_path / "picks.PNG").read_bytes().startswith(b"\x89PNG")


def test_the_same_figures_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        plot_selections(outcome(), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_what_cannot_be_drawn_is_told(tmp_path: Path) -> None:
    check_plot(tmp_path / "fine.svg")
    with pytest.raises(UsageError, match=r"ends in \.svg or \.png"):
        check_plot(tmp_path / "picks.gif")
    with pytest.raises(UsageError, match="there is no folder"):
        check_plot(tmp_path / "nowhere" / "picks.svg")


def test_without_matplotlib_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(UsageError, match=r'python3 -m pip install "reelwise\[plot\]"'):
        check_plot(tmp_path / "picks.svg")
