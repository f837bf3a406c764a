"""Work beside the server, in processes that leave the processor to it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

_UTF8 = "utf-8"  # whatever the terminal speaks


def start_aside(command: Sequence[str], niceness: int | None, **variables: str) -> "subprocess.Popen[str]":
    """Start a module of this package, which finds what this process would find, at low priority; its output is piped.

    Args:
        command: the module, and what it is told.
        niceness: to this process, from 1 to 19; None for work that is only done while nobody else wants the processor,
            where the system has that (elsewhere it is as 19).
        variables: what its environment has beside this process's own.
    """
    process = subprocess.Popen(  # noqa: S603 - our own words alone
        [sys.executable, "-P", "-m", *command],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONIOENCODING": _UTF8,
            **variables,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding=_UTF8,
        creationflags=getattr(
            subprocess, "IDLE_PRIORITY_CLASS" if niceness is None else "BELOW_NORMAL_PRIORITY_CLASS", 0
        ),
    )
    with suppress(OSError):  # which a container may forbid
        if sys.platform != "win32":
            os.setpriority(os.PRIO_PROCESS, process.pid, 19 if niceness is None else niceness)
        if sys.platform == "linux" and niceness is None:
            os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
    return process
