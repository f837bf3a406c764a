"""`read_history`: the rows of a file that a person exported from a film site."""

from collections import Counter
from itertools import islice
from pathlib import Path

from reelwise.errors import ExportError, UsageError
from reelwise.exports.history import History, Row, UnreadableRow
from reelwise.exports.limits import MAX_ROWS
from reelwise.exports.nfo import read_library
from reelwise.exports.packed import PackedFiles, read_path, unpack
from reelwise.exports.recognition import recognise, refusal
from reelwise.exports.sites import Site

_UNNAMED = "the file"
_UNSAID = (
    "nothing says whether these films were watched or are on a watchlist, so they are only a list; call the "
    "file watched.csv or watchlist.csv if they are"
)


def read_history(source: Path | str | bytes, *, name: str = "", profile: str | None = None) -> History:
    """Read a file of Letterboxd, IMDb, Trakt, MovieLens, TMDB, Criticker or Netflix, or a table of one's own.

    Each is recognised by its content, packed as zip or gzip or not at all. Where several files of a site look the same,
    such as `watched.csv` and `watchlist.csv`, the name tells them apart.

    A folder with `.nfo` files is the library of a media server, see `reelwise.exports.nfo`.

    Args:
        source: the file, the folder that it was unpacked into, or its content.
        name: what the file is called, where `source` is its content.
        profile: whose rows count, where a file has several people's; by default the one with most of them.

    Raises:
        ExportError: Raised when it is not one of these files, or is broken, harmful or larger than 8 MB.
        UsageError: Raised when `source` is neither a path nor bytes.
    """
    if source == "":
        raise UsageError("source is empty; expected a path, or the content of a file as bytes")
    if isinstance(source, str | Path) and (library := read_library(Path(source))):
        return library
    if isinstance(source, str | Path):
        place, name = str(source), "/".join(Path(source).absolute().parts[-2:])
        content: bytes | PackedFiles = read_path(Path(source))
    elif isinstance(source, bytes | bytearray | memoryview):
        place, content = name or _UNNAMED, bytes(source)
    else:
        raise UsageError(f"source is of type {type(source).__name__}; expected a path, or the content of a file")
    if isinstance(content, bytes):
        content = unpack(content, place)
    if isinstance(content, bytes) and not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise ExportError(f"{place}: the file is empty")
    files = {"": content} if isinstance(content, bytes) else content
    site, rows, faults, understood = _read_files(files, name, place)
    understood += site.notes(rows)
    rows, notes = _of_one_person(site.finish(rows), profile, place)
    notes = [*understood, *notes]
    if rows and all(row.kind == "listed" for row in rows):
        notes.append(_UNSAID)
    return History(site.name, tuple(rows), tuple(faults), tuple(notes))


def _read_files(files: PackedFiles, name: str, place: str) -> tuple[Site, list[Row], list[UnreadableRow], list[str]]:
    """Read the files that are recognised, all of one site."""
    notes: list[str] = []
    sites: dict[str, Site] = {}
    found: list[Row | UnreadableRow] = []
    for file, content in files.items():
        try:
            recognised = recognise(file, file or name, content)
            if recognised is None:
                continue
            sites[recognised.site.name] = recognised.site
            notes += recognised.notes
            found += islice(recognised.rows, MAX_ROWS + 1 - len(found))
        except ExportError as error:
            raise ExportError(f"{place}: {error}") from None
        if len(found) > MAX_ROWS:
            raise ExportError(f"{place}: there are more than {MAX_ROWS:,} rows")
    if not sites:
        raise refusal(place, list(files.values()))
    if len(sites) > 1:
        raise ExportError(f"{place}: it holds files of several sites, {' and '.join(sites)}; give those of one")
    (site,) = sites.values()
    return (
        site,
        [one for one in found if isinstance(one, Row)],
        [one for one in found if isinstance(one, UnreadableRow)],
        notes,
    )


def _of_one_person(rows: list[Row], profile: str | None, place: str) -> tuple[list[Row], list[str]]:
    """The rows of one profile, and notes about the choice."""
    profiles = Counter(row.profile for row in rows if row.profile)
    if profile is not None and profile not in profiles:
        known = ", ".join(profiles) or "none"
        raise ExportError(f"{place}: there is no profile {profile!r}; there is {known}")
    if not profiles:
        return rows, []
    chosen = profile or profiles.most_common(1)[0][0]
    others = ", ".join(f"{other} ({count:,})" for other, count in profiles.items() if other != chosen)
    note = [f"the rows are those of profile {chosen}; there are others: {others}"] if others else []
    return [row for row in rows if row.profile in ("", chosen)], note
