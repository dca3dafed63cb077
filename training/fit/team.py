"""Several processes that learn together: on the GPUs of one machine, or of several.

The worker is the first of them and the only one that saves, reports and finishes. The others
are started by it, on other hosts by `inspector join`; each is `python -m training.fit.rank`.
"""

import contextlib
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import distributed

from inspector_app import paths
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import TrainingTeam
from inspector_app.protocol.team import rank_environment
from training.context import Cancelled, JobContext

_LEAVING_S = 30.0
_COMING_S = 300.0
"""How long a process may take to load torch and say so."""
_LOOK_S = 0.2
_THIS_HOST = "127.0.0.1"
_HAS_STORE = "TORCHELASTIC_USE_AGENT_STORE"
"""torch's own name for it: the store is there already, and nobody is to open another one."""

_log = logging.getLogger(__name__)


def rank() -> int:
    """Return which of the processes this one is; 0 is the worker."""
    return int(os.environ.get("RANK", "0"))


@contextlib.contextmanager
def helpers(folder: Path, team: TrainingTeam, context: JobContext) -> Iterator[None]:
    """Have this machine's other processes learn along while the body runs.

    Args:
        context: asked while the others load whether the job is still wanted.

    Raises:
        Cancelled: if it is not, before all have come.
        BadDataError: in a frozen program, which has one GPU to learn with, and if one of the
            processes ends before it learns.
    """
    if team.size == 1 or rank():
        yield
        return
    if paths.is_frozen():
        raise BadDataError(
            f"{team.size} devices: this program learns with one",
            "install the command line from its source for several",
        )
    before = dict(os.environ)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        # Kept to the end: it is where the processes of this host find each other.
        store = None if team.address else _open_store()
        address = team.address or f"{_THIS_HOST}:{os.environ['MASTER_PORT']}"
        os.environ.update(rank_environment(team, address, node=0, local_rank=0))
        for number in range(1, team.devices):
            mine = rank_environment(team, address, node=0, local_rank=number)
            processes.append(_start(folder, mine))
        if store is not None:
            _wait_for(processes, store, context)
        yield
    finally:
        if distributed.is_initialized():
            # What comes next is for this process alone.
            distributed.destroy_process_group()
        _end(processes)
        os.environ.clear()
        os.environ.update(before)


def say_ready() -> None:
    """Tell the first process of this host that this one has come; called by the others."""
    if os.environ.get(_HAS_STORE) == "True":
        host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        store = _store(host, port, is_master=False)
        store.set(_ready_key(rank()), "")


def _open_store() -> Any:
    """Listen at a port that nobody else can take any more, and say so in the environment.

    Were a free one only looked for, it might be taken before it is used.
    """
    store = _store(_THIS_HOST, 0, is_master=True)
    os.environ.update({"MASTER_PORT": str(store.port), _HAS_STORE: "True"})
    return store


def _store(host: str, port: int, *, is_master: bool) -> Any:
    """Return torch's TCPStore, which its own annotations do not name."""
    store = distributed.TCPStore  # type: ignore[attr-defined]
    return store(host, port, is_master=is_master, wait_for_workers=False)


def _wait_for(processes: list[subprocess.Popen[bytes]], store: Any, context: JobContext) -> None:
    """Return when all have come.

    Raises:
        BadDataError: if one has ended instead: torch would wait half an hour for it.
        Cancelled: if they are not waited for any more.
    """
    deadline = time.monotonic() + _COMING_S
    for number, process in enumerate(processes, 1):
        while not store.check([_ready_key(number)]):
            if context.is_cancelled:
                # They have reached nothing, and would wait for this one.
                for other in processes:
                    other.kill()
                raise Cancelled
            if process.poll() is not None or time.monotonic() > deadline:
                raise BadDataError(
                    f"device {number}: its process did not begin to learn",
                    "the log says why; train with fewer devices, or close other programs",
                )
            time.sleep(_LOOK_S)


def _ready_key(number: int) -> str:
    return f"ready/{number}"


def _start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "training.fit.rank", str(folder)]
    root = str(Path(__file__).resolve().parents[2])
    known = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    # What they say goes to the log, like the worker's own words.
    return subprocess.Popen(
        command,
        env={**os.environ, **environment, "PYTHONPATH": known},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        try:
            process.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            _log.warning("process %d learned on and is killed", process.pid)
            process.kill()
            process.wait()
