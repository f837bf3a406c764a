"""A PostgreSQL server of our own, in a folder that is soon gone again."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pwd


def find_tool(name: str) -> str | None:
    """The newest program of that name, on the path or where Debian puts PostgreSQL's."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name)


class Postgres:
    """A server; `start` and `stop` it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    @property
    def address(self) -> str:
        """Of its database."""
        return f"postgresql+psycopg://reelwise@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1 -c shared_buffers=16MB"
        _run("pg_ctl", "-D", str(self.folder), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        _run("pg_ctl", "-D", str(self.folder), "-w", "-m", "immediate", "stop")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server with an empty database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="reelwise-postgres-"))
    if (user := _user()) is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Postgres(folder / "data", port)
    _run("initdb", "-D", str(server.folder), "-U", "reelwise", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> "pwd.struct_passwd | None":
    """Whom the server runs as, because it refuses root."""
    import pwd

    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _run(tool: str, *arguments: str) -> None:
    program, user = find_tool(tool), _user()
    assert program is not None
    subprocess.run(  # a server keeps what it inherits open, so nobody waits for its output
        [program, *arguments],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=None if user is None else [],
    )
