"""A folder to work in is gone afterwards; what a killed process left goes when the next one is made."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

from reelwise.storage import working_folders
from reelwise.storage.atomic import replacing
from reelwise.storage.working_folders import working_folder
from support.systems.platforms import posix_only

PREFIX = ".model.new-"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def killed_within(block: str, parent: Path) -> None:
    """A process that is killed inside of a block."""
    script = f"""
        import os, signal, sys
        from pathlib import Path
        from reelwise.storage.atomic import replacing
        from reelwise.storage.working_folders import working_folder
        parent = Path(sys.argv[1])
        with {block} as folder:
            (folder / "half").write_text("written")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(parent)])
    assert ended.returncode == -signal.SIGKILL


@posix_only
def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in (f"{PREFIX}notes", "another.new-abcdefgh", f"{PREFIX}longer-than-it"):
        (tmp_path / name).mkdir()
    (tmp_path / f"{PREFIX}filename").write_text("no folder")
    (tmp_path / f"{PREFIX}linklink").symlink_to(tmp_path / "another.new-abcdefgh")
    others = names(tmp_path)
    killed_within(f'working_folder("{PREFIX}", parent)', tmp_path)
    assert len(names(tmp_path)) == len(others) + 1
    with working_folder(PREFIX, tmp_path) as own:
        assert names(tmp_path) == sorted([*others, own.name])
    assert names(tmp_path) == others


def test_what_somebody_is_working_in_stays(tmp_path: Path) -> None:
    with working_folder(PREFIX, tmp_path) as first, working_folder(PREFIX, tmp_path) as second:
        assert names(tmp_path) == sorted([first.name, second.name])


@posix_only
def test_a_killed_run_leaves_nothing_once_another_has_written(tmp_path: Path) -> None:
    killed_within('replacing(parent / "model")', tmp_path)
    with replacing(tmp_path / "model") as fresh:
        (fresh / "whole").write_text("written")
    assert names(tmp_path) == ["model"]
    assert names(tmp_path / "model") == ["whole"]


def test_where_nothing_can_be_locked_age_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working_folders, "sys", SimpleNamespace(platform="win32"))
    old, young = tmp_path / f"{PREFIX}aaaaaaaa", tmp_path / f"{PREFIX}bbbbbbbb"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    with working_folder(PREFIX, tmp_path) as own:
        assert names(tmp_path) == sorted([young.name, own.name])


def test_what_is_taken_for_a_leftover_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, seen = working_folders._lock, list[Path]()

    def swept_first(folder: Path, wait: bool) -> int | None:
        seen.append(folder)
        if len(seen) == 1:
            shutil.rmtree(folder)
        return lock(folder, wait)

    monkeypatch.setattr(working_folders, "_lock", swept_first)
    with working_folder(PREFIX, tmp_path) as own:
        assert names(tmp_path) == [own.name]
    assert len(seen) == 2
