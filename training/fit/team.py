"""Several processes that learn together: on the GPUs of one machine, or of several.

The worker is the first of them and the only one that saves, reports and finishes. The others
are started by it, on other hosts by `inspector join`; each is `python -m training.fit.rank`.
"""

import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from torch import distributed

from inspector_app import paths
from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.files import TrainingTeam
from inspector_app.protocol.team import rank_environment

_LEAVING_S = 30.0

_log = logging.getLogger(__name__)


def rank() -> int:
    """Return which of the processes this one is; 0 is the worker."""
    return int(os.environ.get("RANK", "0"))


@contextlib.contextmanager
def helpers(folder: Path, team: TrainingTeam) -> Iterator[None]:
    """Have this machine's other processes learn along while the body runs.

    Raises:
        BadDataError: in a frozen program, which has one GPU to learn with.
    """
    if team.size == 1 or rank():
        yield
        return
    if paths.is_frozen():
        raise BadDataError(
            f"{team.size} devices: this program learns with one",
            "install the command line from its source for several",
        )
    address = team.address or f"127.0.0.1:{_free_port()}"
    before = dict(os.environ)
    os.environ.update(rank_environment(team, address, node=0, local_rank=0))
    processes = [
        _start(folder, rank_environment(team, address, node=0, local_rank=number))
        for number in range(1, team.devices)
    ]
    try:
        yield
    finally:
        if distributed.is_initialized():
            # What comes next is for this process alone.
            distributed.destroy_process_group()
        _end(processes)
        os.environ.clear()
        os.environ.update(before)


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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
