"""A folder is replaced as a whole or not at all."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from reelwise.storage import atomic as replace
from reelwise.storage.atomic import exchange, replacing
from reelwise.storage.working_folders import working_folder
from support.systems.platforms import posix_only


def fill(folder: Path, content: str) -> None:
    with replacing(folder) as fresh:
        for name in ("one", "two"):
            (fresh / name).write_text(content)


def fail_half_way(folder: Path) -> None:
    with replacing(folder) as fresh:
        (fresh / "one").write_text("new")
        raise OSError("no")


def contents(folder: Path) -> set[str]:
    return {file.read_text() for file in folder.iterdir()}


@pytest.fixture(params=["exchange", "two renames"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two renames":
        monkeypatch.setattr(replace, "_exchange", lambda *_: False)


@pytest.mark.usefixtures("_both_ways")
def test_the_new_takes_the_place_of_the_old(tmp_path: Path) -> None:
    fill(tmp_path / "it", "old")
    fill(tmp_path / "it", "new")
    assert contents(tmp_path / "it") == {"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


@pytest.mark.usefixtures("_both_ways")
def test_a_failure_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path / "it", "old")
    with pytest.raises(OSError, match="no"):
        fail_half_way(tmp_path / "it")
    assert contents(tmp_path / "it") == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


def test_if_the_second_rename_fails_the_old_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "it", "old")
    monkeypatch.setattr(replace, "_exchange", lambda *_: False)
    rename = Path.rename

    def fails_for_the_new(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(OSError, match="no"):
        fill(tmp_path / "it", "new")
    assert contents(tmp_path / "it") == {"old"}


def test_whoever_was_killed_between_the_renames_is_undone(tmp_path: Path) -> None:
    (tmp_path / ".it.old").mkdir()
    (tmp_path / ".it.old" / "one").write_text("old")
    with pytest.raises(OSError, match="no"):
        fail_half_way(tmp_path / "it")
    assert contents(tmp_path / "it") == {"old"}
    (tmp_path / ".it.old").mkdir()
    fill(tmp_path / "it", "new")
    assert contents(tmp_path / "it") == {"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


@pytest.mark.usefixtures("_both_ways")
def test_the_old_that_is_kept_is_nobody_s_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap = replace._swap_in

    def swap_while_others_sweep(fresh: Path, target: Path) -> None:
        with working_folder(".it.new-", tmp_path):
            swap(fresh, target)
        with working_folder(".it.new-", tmp_path):
            pass

    monkeypatch.setattr(replace, "_swap_in", swap_while_others_sweep)
    fill(tmp_path / "it", "old")
    with replacing(tmp_path / "it", keep=tmp_path / "it.previous") as fresh:
        (fresh / "one").write_text("new")
    assert contents(tmp_path / "it") == {"new"}
    assert contents(tmp_path / "it.previous") == {"old"}
    assert {path.name for path in tmp_path.iterdir()} == {"it", "it.previous"}


@pytest.mark.usefixtures("_both_ways")
def test_two_change_places_whoever_was_killed_before(tmp_path: Path) -> None:
    fill(tmp_path / ".it.old", "one")
    fill(tmp_path / "other", "other")
    exchange(tmp_path / "it", tmp_path / "other")
    assert contents(tmp_path / "it") == {"other"}
    assert contents(tmp_path / "other") == {"one"}
    assert {path.name for path in tmp_path.iterdir()} == {"it", "other"}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to("real")
    fill(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert contents(tmp_path / "real") == {"new"}


def test_a_file_that_is_open_stays_readable(tmp_path: Path) -> None:
    fill(tmp_path / "it", "old")
    with (tmp_path / "it" / "one").open() as file:
        fill(tmp_path / "it", "new")
        assert file.read() == "old"


@posix_only
def test_killed_at_any_moment_there_is_one_whole_folder(tmp_path: Path) -> None:
    script = """
        import itertools, sys
        from pathlib import Path
        from reelwise.storage.atomic import replacing
        for turn in itertools.count():
            with replacing(Path(sys.argv[1])) as fresh:
                for name in ("one", "two"):
                    (fresh / name).write_text(str(turn))
            print(turn, flush=True)
    """
    for wait in (0.0, 0.003, 0.007, 0.011):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "it")], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert len(contents(tmp_path / "it")) == 1
        assert len(list((tmp_path / "it").iterdir())) == 2
    fill(tmp_path / "it", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["it"]
