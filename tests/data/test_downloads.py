"""`download` against a server that fails in every way a server can; the archives are made here, the size of a page."""

import hashlib
import io
import socket
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reelwise.data.downloads import Downloaded, download
from reelwise.data.published import PUBLISHED, PublishedDataset, published
from reelwise.errors import DownloadError, UsageError
from reelwise.storage import atomic
from support.servers.misbehaving import Fault, MisbehavingServer, Seen

RATINGS = 300
TINY = PublishedDataset("ml-tiny", RATINGS, movies=20, users=15, year=2026, megabytes=1, description="", licence="")
ZIP = "/ml-tiny.zip"
MD5 = "/ml-tiny.zip.md5"


SEPARATORS = {"ratings.csv": ",", "ratings.dat": "::", "u.data": "\t"}


def movielens_zip(
    *, file: str = "ratings.csv", folder: str = "ml-tiny", ratings: int = RATINGS, end: str = "\n"
) -> bytes:
    """An archive in MovieLens' layout, stored rather than packed so that a cut anywhere falls into the ratings."""
    header = "userId,movieId,rating,timestamp\n" if file.endswith(".csv") else ""
    separator = SEPARATORS.get(file, ",")
    rows = (separator.join((str(row // 20 + 1), str(row % 20 + 1), "4", "978300760")) for row in range(ratings))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{folder}/README", "made by a test")
        archive.writestr(f"{folder}/{file}", header + "\n".join(rows) + end)
    return buffer.getvalue()


DATA = movielens_zip()
CHANGED = movielens_zip(end="")


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


@dataclass
class Desk:
    """A server, a folder to download into, and what the download did there."""

    server: MisbehavingServer
    into: Path
    naps: list[float] = field(default_factory=list)
    progress: list[tuple[int, int | None]] = field(default_factory=list)

    def get(self, dataset: PublishedDataset = TINY, **options: Any) -> Downloaded:
        usual: dict[str, Any] = {
            "base_url": self.server.url,
            "sleep": self.naps.append,
            "on_progress": lambda done, total: self.progress.append((done, total)),
        }
        return download(dataset, self.into, **(usual | options))

    def fails(self, *words: str, dataset: PublishedDataset = TINY, **options: Any) -> None:
        """The download fails with one line that has `words` in it, and leaves nothing that looks like a data set."""
        before = self.left()
        with pytest.raises(DownloadError) as caught:
            self.get(dataset, **options)
        message = str(caught.value)
        assert message.isprintable()
        assert all(word in message for word in words), message
        assert self.left() - before <= {".ml-tiny.zip.part"}

    def left(self) -> set[str]:
        """What is in the folder, without the file that another download would wait for."""
        names = {path.name for path in self.into.iterdir()} if self.into.is_dir() else set()
        return names - {".ml-tiny.zip.lock"}

    @property
    def asked(self) -> list[Seen]:
        return self.server.requests_for(ZIP)

    @property
    def ranges(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.asked]

    @property
    def ratings_file(self) -> bytes:
        return (self.into / "ml-tiny" / "ratings.csv").read_bytes()

    def is_complete(self, data: bytes = DATA) -> bool:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return self.left() == {"ml-tiny"} and self.ratings_file == archive.read("ml-tiny/ratings.csv")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with MisbehavingServer({ZIP: DATA, MD5: md5(DATA).encode()}) as server:
        yield Desk(server, tmp_path / "data")


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---- All is well ----


def test_a_download_is_checked_counted_and_unpacked(desk: Desk) -> None:
    result = desk.get()
    assert result == Downloaded(desk.into / "ml-tiny", RATINGS, md5_checked=True, already_there=False)
    assert desk.is_complete()
    assert desk.naps == []


def test_progress_runs_from_nothing_to_the_whole_file(desk: Desk) -> None:
    desk.get()
    assert desk.progress[0] == (0, len(DATA))
    assert desk.progress[-1] == (len(DATA), len(DATA))
    assert desk.progress == sorted(desk.progress)


def test_progress_knows_no_total_where_the_server_tells_none(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(hide_length=True))
    desk.get()
    assert desk.is_complete()
    assert desk.progress[-1] == (len(DATA), None)


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize(
    ("file", "folder"), [("ratings.csv", "ml-tiny"), ("ratings.dat", "ml-10M100K"), ("u.data", "ml-100k")]
)
def test_every_generation_is_counted_and_stored_under_its_name(desk: Desk, file: str, folder: str, end: str) -> None:
    data = movielens_zip(file=file, folder=folder, end=end)
    desk.server.files |= {ZIP: data, MD5: md5(data).encode()}
    assert desk.get().ratings == RATINGS
    assert (desk.into / "ml-tiny" / file).is_file()
    assert desk.left() == {"ml-tiny"}


# ---- The folder is there ----


def test_what_is_there_is_not_fetched_again(desk: Desk) -> None:
    first = desk.get()
    desk.server.seen.clear()
    assert desk.get() == Downloaded(first.folder, None, md5_checked=False, already_there=True)
    assert desk.server.seen == []


def test_a_folder_without_ratings_is_not_taken_for_the_data_set(desk: Desk) -> None:
    (desk.into / "ml-tiny").mkdir(parents=True)
    desk.fails("ml-tiny", "no ratings")


def test_force_replaces_what_is_there(desk: Desk) -> None:
    old = desk.into / "ml-tiny"
    old.mkdir(parents=True)
    (old / "ratings.csv").write_text("old")
    assert not desk.get(force=True).already_there
    assert desk.is_complete()


def test_force_keeps_what_is_there_when_the_download_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.get()
    desk.server.files |= {ZIP: (broken := movielens_zip(ratings=7)), MD5: md5(broken).encode()}
    desk.fails("7 ratings", force=True)
    assert desk.is_complete()
    desk.server.files |= {ZIP: DATA, MD5: md5(DATA).encode()}

    def fail(fresh: Path, target: Path) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(atomic, "_swap_in", fail)
    desk.fails("no; check the folder", force=True)
    assert desk.ratings_file


# ---- Going on where it stopped ----


def test_a_dropped_connection_is_resumed(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(cut_after=1000), Fault(cut_after=500), Fault(cut_after=200, reset=True))
    desk.get()
    assert desk.is_complete()
    assert desk.ranges[:3] == [None, "bytes=1000-", "bytes=1500-"]
    assert len(desk.asked) == 4
    assert all(request.headers["If-Range"].endswith(" GMT") for request in desk.asked[1:])
    assert desk.naps == [1.0, 2.0, 4.0]


def test_a_later_call_resumes_what_an_earlier_one_left(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(cut_after=1000))
    desk.fails(ZIP, "run the same command again", retries=0)
    desk.progress.clear()
    desk.get()
    assert desk.is_complete()
    assert desk.ranges == [None, "bytes=1000-"]
    assert desk.progress[0] == (1000, len(DATA))


def test_an_interrupted_download_is_resumed(desk: Desk) -> None:
    def interrupt(done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.get(on_progress=interrupt)
    assert desk.left() == {".ml-tiny.zip.part"}
    desk.get()
    assert desk.is_complete()
    assert desk.ranges[1] is not None


def test_a_file_that_came_whole_is_not_fetched_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(PermissionError("no")))
        desk.fails("no; check the folder")
    desk.get()
    assert desk.is_complete()
    assert desk.ranges == [None, f"bytes={len(DATA)}-"]
    assert desk.progress[-1] == (len(DATA), len(DATA))


@pytest.mark.parametrize("ignore_if_range", [False, True])
def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(desk: Desk, ignore_if_range: bool) -> None:
    desk.server.files[MD5] = md5(CHANGED).encode()
    desk.server.script(ZIP, Fault(cut_after=1000), Fault(new_content=CHANGED, ignore_if_range=ignore_if_range))
    desk.get()
    assert desk.is_complete(CHANGED)


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        (Fault(ignore_range=True), 2),
        (Fault(status=416), 3),
        (Fault(headers={"Content-Range": f"bytes 0-9/{len(DATA)}"}), 3),  # another place than was asked for
    ],
)
def test_a_server_that_does_not_go_on_is_read_from_the_start(desk: Desk, fault: Fault, requests: int) -> None:
    desk.server.script(ZIP, Fault(cut_after=1000), fault)
    desk.get()
    assert desk.is_complete()
    assert desk.ranges == [None, "bytes=1000-", None][:requests]


def test_without_a_date_nothing_is_resumed_or_kept(desk: Desk) -> None:
    desk.server.validators = False
    desk.server.script(ZIP, Fault(cut_after=1000), Fault(cut_after=1000))
    desk.fails(ZIP, retries=1)
    assert desk.ranges == [None, None]
    assert desk.left() == set()


def test_a_part_of_something_else_is_not_resumed(desk: Desk) -> None:
    desk.into.mkdir()
    (desk.into / ".ml-tiny.zip.part").write_bytes(b"whatever")
    desk.get()
    assert desk.is_complete()


# ---- Not without end ----


def test_a_size_beyond_reason_is_refused_before_the_first_byte(desk: Desk) -> None:
    desk.fails(f"{len(DATA):,} bytes are announced", "deleted", dataset=replace(TINY, megabytes=0))
    assert desk.progress == []
    assert desk.left() == set()


def test_a_server_that_does_not_stop_is_stopped(desk: Desk) -> None:
    desk.server.files[ZIP] = bytes(3_000_000)
    desk.server.script(ZIP, Fault(hide_length=True))
    desk.fails("more came than the 2,000,000 bytes", "deleted")
    assert desk.left() == set()


def test_no_more_is_taken_than_was_announced(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(headers={"Content-Length": "1000"}))
    desk.fails("md5", "deleted")
    assert desk.progress[-1] == (1000, 1000)


def test_a_download_without_end_is_given_up_and_can_be_resumed(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(pause=0.02))
    desk.fails("is too slow", "run the same command again", max_seconds=0.05)
    assert desk.left() == {".ml-tiny.zip.part"}
    desk.get()
    assert desk.is_complete()
    assert desk.ranges[1] is not None


def test_of_two_downloads_at_once_the_second_takes_what_the_first_fetched(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(pause=0.02))
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: desk.get(), range(2)))
    assert sorted(result.already_there for result in results) == [False, True]
    assert desk.is_complete()
    assert len(desk.asked) == 1


# ---- Trying again, within reason ----


def test_a_server_that_stays_broken_is_given_up(desk: Desk) -> None:
    desk.server.script(ZIP, *[Fault(status=500)] * 9)
    desk.fails(desk.server.url + ZIP, "500", "tried 3 times", retries=2)
    assert len(desk.asked) == 3
    assert desk.left() == set()


def test_a_server_error_is_tried_again_when_the_server_says_or_after_growing_pauses(desk: Desk) -> None:
    desk.server.script(
        ZIP,
        Fault(status=502),
        Fault(status=503, headers={"Retry-After": "7"}),
        Fault(status=429, headers={"Retry-After": "soon"}),
    )
    desk.get()
    assert desk.is_complete()
    assert desk.naps == [1.0, 7.0, 4.0]


def test_a_wait_beyond_reason_is_told_instead(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(status=503, headers={"Retry-After": "86400"}))
    desk.fails("503", "86,400 seconds")
    assert desk.naps == []


def test_a_missing_file_is_not_tried_again(desk: Desk) -> None:
    del desk.server.files[ZIP]
    desk.fails(desk.server.url + ZIP, "404")
    assert desk.naps == []


def test_a_stalled_connection_runs_into_the_timeout_and_is_resumed(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(pause=5))
    desk.get(timeout=0.1)
    assert desk.is_complete()
    assert desk.naps == [1.0]


def test_a_stalled_server_is_given_up(desk: Desk) -> None:
    desk.server.script(ZIP, Fault(pause=5), Fault(pause=5))
    desk.fails(ZIP, "timed out", timeout=0.1, retries=1)


def test_offline_is_told_at_once(desk: Desk, closed_port: int) -> None:
    desk.fails("could not reach 127.0.0.1", "--data", base_url=f"http://127.0.0.1:{closed_port}")
    assert desk.naps == []


def test_a_network_that_was_there_may_come_back(desk: Desk, closed_port: int) -> None:
    away = Fault(status=302, headers={"Location": f"http://127.0.0.1:{closed_port}/"})
    desk.server.script(ZIP, Fault(cut_after=1000), away)
    desk.get()
    assert desk.is_complete()
    assert desk.naps == [1.0, 2.0]


# ---- Addresses ----


def test_a_redirect_is_followed(desk: Desk) -> None:
    desk.server.files["/elsewhere"] = DATA
    desk.server.script(ZIP, Fault(status=302, headers={"Location": "/elsewhere"}))
    desk.get()
    assert desk.is_complete()


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd", ZIP])
def test_a_redirect_to_no_web_address_or_in_a_circle_is_refused(desk: Desk, location: str) -> None:
    desk.server.script(ZIP, *[Fault(status=302, headers={"Location": location})] * 9)
    desk.fails(desk.server.url + ZIP)
    assert desk.naps == []


@pytest.mark.parametrize("base_url", ["ftp://127.0.0.1", "nowhere", "http://127.0.0.1:port"])
def test_an_impossible_address_is_named(desk: Desk, base_url: str) -> None:
    desk.fails(base_url, "address", base_url=base_url)
    assert desk.naps == []


# ---- What came is not what was published ----


@pytest.mark.parametrize("layout", ["MD5 (ml-tiny.zip) = {}", "{}  ml-tiny.zip\n", "{}", "{} *ml-tiny.zip\r\n"])
def test_every_way_to_write_an_md5_is_understood(desk: Desk, layout: str) -> None:
    desk.server.files[MD5] = layout.format(md5(DATA).upper()).encode()
    assert desk.get().md5_checked
    desk.server.files[MD5] = layout.format(md5(CHANGED)).encode()
    desk.fails(md5(DATA), md5(CHANGED), force=True)


def test_without_a_published_md5_the_result_says_so(desk: Desk) -> None:
    del desk.server.files[MD5]
    assert not desk.get().md5_checked
    assert desk.is_complete()


def test_another_md5_than_published_deletes_the_download(desk: Desk) -> None:
    desk.server.files[MD5] = md5(CHANGED).encode()
    desk.fails(desk.server.url + ZIP, "md5", "deleted")
    assert desk.left() == set()


def test_a_page_in_place_of_the_md5_is_no_check(desk: Desk) -> None:
    desk.server.files[MD5] = b"<html>please sign in</html>"
    desk.fails(MD5, "no md5")


@pytest.mark.parametrize("ratings", [RATINGS - 1, RATINGS + 1])
def test_another_number_of_ratings_than_published_is_refused(desk: Desk, ratings: int) -> None:
    desk.server.files = {ZIP: movielens_zip(ratings=ratings)}
    desk.fails(f"{ratings} ratings", f"{RATINGS}")
    assert desk.left() == set()


def test_a_moving_target_may_hold_any_number_of_ratings_but_none(desk: Desk) -> None:
    moving = replace(TINY, ratings=None)
    assert desk.get(moving).ratings == RATINGS
    desk.server.files = {ZIP: movielens_zip(ratings=0, end="")}
    desk.fails("0 ratings", dataset=moving, force=True)


def test_an_archive_without_a_ratings_file_is_refused(desk: Desk) -> None:
    desk.server.files = {ZIP: movielens_zip(file="movies.csv")}
    desk.fails("ratings.csv")


@pytest.mark.parametrize(
    "data",
    [b"<html>please sign in</html>", DATA[:-40], movielens_zip(folder="..")],
    ids=["a page", "cut short", "outside its folder"],
)
def test_a_broken_or_hostile_archive_is_deleted(desk: Desk, data: bytes) -> None:
    desk.server.files = {ZIP: data}
    desk.fails(desk.server.url + ZIP, "deleted")
    assert desk.left() == set()
    assert [path.name for path in desk.into.parent.iterdir()] == ["data"]


def test_a_cut_that_nobody_could_see_is_found_when_unpacking(desk: Desk) -> None:
    del desk.server.files[MD5]
    desk.server.script(ZIP, Fault(cut_after=1000, hide_length=True))
    desk.fails("deleted")
    assert desk.left() == set()


# ---- The disk ----


def test_a_disk_too_small_is_found_before_the_download(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(len(DATA) - 1))
    desk.fails("free", "make room")
    assert desk.progress == []
    assert desk.left() == set()


def test_a_folder_that_cannot_be_made_is_named(desk: Desk) -> None:
    desk.into.touch()
    desk.fails(str(desk.into))


# ---- What is published ----


def test_the_published_sets_are_known_by_name() -> None:
    assert {dataset.name: dataset.ratings for dataset in PUBLISHED} == {
        "ml-latest-small": 100_836,
        "ml-latest": None,
        "ml-32m": 32_000_204,
        "ml-25m": 25_000_095,
        "ml-20m": 20_000_263,
        "ml-10m": 10_000_054,
        "ml-1m": 1_000_209,
        "ml-100k": 100_000,
    }
    assert all(published(dataset.name) is dataset for dataset in PUBLISHED)


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        published("ml-2m")
    assert all(dataset.name in str(caught.value) for dataset in PUBLISHED)


@pytest.mark.parametrize("status", [404, 503])
def test_secrets_of_the_address_are_not_told(tmp_path: Path, status: int) -> None:
    with MisbehavingServer({}) as server:
        server.always = Fault(status=status)
        base = server.url.replace("http://", "http://me:hidden@")
        for url in (base, f"{base}/x?sig=hidden", "http://me:hidden@127.0.0.1:1"):
            with pytest.raises(DownloadError) as caught:
                download(TINY, tmp_path, base_url=url, sleep=lambda _: None, retries=1)
            assert "127.0.0.1" in str(caught.value)
            assert "hidden" not in str(caught.value)
