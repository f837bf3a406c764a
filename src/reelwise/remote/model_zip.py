"""A zip of a model folder: only files of the format come out of it."""

import errno
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path

from reelwise.artifacts.folder import FILES
from reelwise.data.unzip import require_space
from reelwise.errors import DownloadError

_LARGEST = 64 << 30
_MOST_MEMBERS = 1000


def unpack_model(archive: Path, shown: str) -> None:
    """Write the files of the format beside `archive`; whatever else is in it, no name in it becomes a path.

    Args:
        archive: the zip.
        shown: what to call it in errors.

    Raises:
        DownloadError: if it is damaged, or holds no model folder or more than one should.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            members = _members(source, shown)
            size = sum(member.file_size for member in members.values())
            require_space(archive.parent, size, f"{shown}: unpacking it")
            for name, member in members.items():
                with source.open(member) as packed, archive.with_name(name).open("xb") as file:
                    shutil.copyfileobj(packed, file, 1 << 20)  # ends at the declared size, whatever is in there
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno != errno.EINVAL:  # EINVAL: a seek to before the file
            raise
        raise DownloadError(
            f"{shown}: the zip is damaged ({' '.join(str(fault).split())[:100]}); upload it again"
        ) from None


def _members(source: zipfile.ZipFile, shown: str) -> dict[str, zipfile.ZipInfo]:
    names = set(source.namelist())
    tops = {name.removesuffix("config.json") for name in names if re.fullmatch(r"([^/]+/)?config\.json", name)}
    top = "" if "" in tops or len(tops) != 1 else tops.pop()
    members = {name: source.getinfo(top + name) for name in FILES if top + name in names}
    faults = {
        f"it has more than {_MOST_MEMBERS:,} members": len(source.infolist()) > _MOST_MEMBERS,
        "it has no config.json at its root or in one top folder": "config.json" not in members,
        "a file in it is a link, encrypted or not deflated": not all(map(_plain, members.values())),
        f"it unpacks to more than {_LARGEST >> 30} GiB": sum(info.file_size for info in members.values()) > _LARGEST,
    }
    for fault, found in faults.items():
        if found:
            raise DownloadError(f"{shown}: this zip is refused, {fault}; zip a model folder and nothing else")
    return members


def _plain(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    packed = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return kind in (0, stat.S_IFREG) and packed and not member.flag_bits & 1  # kind 0: made where files have no modes
