"""What is in a folder, to be compared with what is in another or to be put on a Hub."""

from pathlib import Path


def contents(folder: Path | str) -> dict[str, bytes]:
    """The files in it and in the folders below, by their path from there."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
