"""A folder is replaced as a whole or not at all."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from reelwise.storage import atomic as replace
from reelwise.storage.atomic import check_place, exchange, replacing, replacing_file
from reelwise.storage.working_folders import working_folder
from support.systems.platforms import posix_only


def fill(folder: Path, content: str, keep: Path | None = None) -> None:
    with replacing(folder, keep) as fresh:
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


class Killed(BaseException):
    """Stands for a signal: nothing of what follows is done."""


def stop_at_rename(monkeypatch: pytest.MonkeyPatch, number: int, how: type[BaseException]) -> None:
    """Have the first, second or third rename not be, where two folders cannot be exchanged in one step."""
    rename, done = Path.rename, list[Path]()

    def rename_so_often(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) == number or (how is Killed and len(done) > number):
            raise how("no")
        return rename(self, target)

    monkeypatch.setattr(replace, "_exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", rename_so_often)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whichever_rename_fails_the_old_is_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fill(tmp_path / "it", "old")
    stop_at_rename(monkeypatch, number, OSError)
    with pytest.raises(OSError, match="no"):
        fill(tmp_path / "it", "new")
    assert contents(tmp_path / "it") == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["it"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whichever_rename_fails_two_are_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fill(tmp_path / "it", "one")
    fill(tmp_path / "it.previous", "other")
    stop_at_rename(monkeypatch, number, OSError)
    with pytest.raises(OSError, match="no"):
        exchange(tmp_path / "it", tmp_path / "it.previous")
    assert contents(tmp_path / "it") == {"one"}
    assert contents(tmp_path / "it.previous") == {"other"}
    assert {path.name for path in tmp_path.iterdir()} == {"it", "it.previous"}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_killed_at_whichever_rename_two_that_change_places_are_both_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fill(tmp_path / "it", "one")
    fill(tmp_path / "it.previous", "other")
    with monkeypatch.context() as patch:
        stop_at_rename(patch, number, Killed)
        with pytest.raises(Killed):
            exchange(tmp_path / "it", tmp_path / "it.previous")
    with suppress(OSError), replacing(tmp_path / "it", keep=tmp_path / "it.previous"):
        raise OSError
    changed = number == 3
    assert contents(tmp_path / "it") == {"other" if changed else "one"}
    assert contents(tmp_path / "it.previous") == {"one" if changed else "other"}
    assert {path.name for path in tmp_path.iterdir()} == {"it", "it.previous"}


@pytest.mark.parametrize("number", range(1, 7))
def test_killed_at_whichever_rename_the_next_one_works_and_keeps_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder, previous = tmp_path / "it", tmp_path / "it.previous"
    fill(previous, "oldest")
    fill(folder, "old")
    with monkeypatch.context() as patch:
        stop_at_rename(patch, number, Killed)
        with pytest.raises(Killed):
            fill(folder, "new", previous)
    for content in ("newer", "newest"):
        fill(folder, content, previous)
    assert contents(folder) == {"newest"}
    assert contents(previous) == {"newer"}
    assert {path.name for path in tmp_path.iterdir()} == {"it", "it.previous"}


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


# --- files ---


def test_a_file_appears_whole_and_as_the_umask_says(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / "folder").mkdir()
    with replacing_file(tmp_path / "out.txt") as unfinished:
        unfinished.write_text("whole")
        assert not (tmp_path / "out.txt").exists()
    fill(tmp_path / "it", "new")
    assert (tmp_path / "out.txt").read_text() == "whole"
    assert (tmp_path / "out.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "it").stat().st_mode == (tmp_path / "folder").stat().st_mode
    assert {path.name for path in tmp_path.iterdir()} == {"plain", "folder", "out.txt", "it"}


def test_replacing_leaves_the_umask_of_other_threads_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "umask", lambda _: pytest.fail("the umask is the whole process's"))
    fill(tmp_path / "it", "new")


def test_a_file_is_on_disk_before_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, flush = list[tuple[str, bool]](), replace._flush

    def note(path: Path) -> None:
        flushed.append((path.name, (tmp_path / "out.txt").exists()))
        flush(path)

    monkeypatch.setattr(replace, "_flush", note)
    with replacing_file(tmp_path / "out.txt") as unfinished:
        unfinished.write_text("whole")
    assert flushed == [("out.txt", False), (tmp_path.name, True)]


def test_two_who_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with replacing_file(path) as one, replacing_file(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


@posix_only
def test_what_a_killed_writer_of_a_file_left_goes(tmp_path: Path) -> None:
    script = """
        import os, sys
        from pathlib import Path
        from reelwise.storage.atomic import replacing_file
        with replacing_file(Path(sys.argv[1])) as unfinished:
            unfinished.write_text("half")
            os.kill(os.getpid(), 9)
    """
    path = tmp_path / "out.txt"
    subprocess.run([sys.executable, "-c", textwrap.dedent(script), str(path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with replacing_file(path) as unfinished:
        unfinished.write_text("whole")
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


def test_a_folder_that_a_process_runs_in_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model" / "within").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "model" / "within")
    for folder in (Path(), Path(".."), tmp_path / "model"):
        with pytest.raises(OSError, match="it is or holds the current folder"):
            check_place(folder)
    check_place(Path("new"))
    check_place(tmp_path / "model" / "other")
