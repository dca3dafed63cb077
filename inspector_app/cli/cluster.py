"""Trainings on the nodes of a Ray cluster, which see the project at the same path."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

from inspector_app.cli.node_training import Answer, Fault, NodeTraining
from inspector_app.cli.worker_client import WorkerLostError
from inspector_app.domain.errors import BadDataError, BugError, KnownError
from inspector_app.protocol.base import PROTOCOL_VERSION
from inspector_app.protocol.codec import decode_event, encode
from inspector_app.protocol.messages import Event, Hello, JobEnded, StartTraining

_KNOCK_S = 5.0
_ATTEMPTS = 3
"""On as many nodes a training is tried; more are lost by something that it does itself."""
_POLL_S = 0.2
_CALLS_AT_A_TIME = 4
"""Of an actor: one that works, and those that ask, cancel and wait."""

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818  (it is no error)
    """Ctrl-C came before a node was free."""


class NodeLost(Exception):  # noqa: N818  (it is caught and another node is tried)
    """A node, or Ray's process on it, is gone."""


class Cluster:
    """A cluster that this process has connected to; a context manager that leaves it.

    Trainings are watched by a thread each. They take turns: whoever does not wait for the
    cluster has the turn, and with it the project.
    """

    def __init__(self, address: str, *, cpus: int = 1, command: list[str] | None = None) -> None:
        """Connect.

        Args:
            address: ``auto``, ``HOST:PORT`` of the head or ``ray://HOST:PORT``.
            cpus: of each training.
            command: what starts a worker on a node, if not what the node has for it.

        Raises:
            KnownError: if Ray is not installed, no cluster answers, or no node is large enough.
        """
        self._ray = _connected(address)
        self._command = command
        self._turn = threading.Lock()
        self.is_stopped = False
        """Set to have all trainings cancelled, as Ctrl-C does with one."""
        self.is_abandoned = False
        """Set to wait for nothing any more."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        most = int(max((node.get("CPU", 0) for node in nodes), default=0))
        if most < cpus:
            self.close()
            raise BadDataError(
                f"--ray-cpus {cpus}: the largest node has {most}", "ask for fewer processors"
            )
        gpus = int(sum(node.get("GPU", 0) for node in nodes))
        self._share = {"num_cpus": cpus, "num_gpus": min(gpus, 1)}
        self.seats = gpus or sum(int(node.get("CPU", 0)) // cpus for node in nodes)
        """So many trainings have room at a time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; what it still does for this process is ended."""
        self._ray.shutdown()

    def in_turn(self, work: Callable[[], bool]) -> bool:
        """Return what the work returns, False if Ctrl-C came before; for threads."""
        with self._turn, contextlib.suppress(Stopped):
            return not self.is_stopped and work()
        return False

    def start_worker(self) -> "ClusterWorker":
        """Return a worker on the next node that is free.

        Raises:
            Stopped: if Ctrl-C came before there was one.
            WorkerLostError: if none could be started.
        """
        return ClusterWorker(self)

    def make_node(self) -> Any:
        """Return a `NodeTraining` on a node that is free, as an actor."""
        make = self._ray.remote(max_concurrency=_CALLS_AT_A_TIME, **self._share)(NodeTraining)
        return make.remote(self._command)

    def end_node(self, node: Any) -> None:
        """End an actor; its worker ends when nobody listens any more."""
        if node is not None and not self.is_abandoned:
            self._ray.kill(node)

    def is_ready(self, promised: Any) -> bool:
        """Wait a moment for an answer; others have their turn meanwhile."""
        with self._others_turn():
            return bool(self._ray.wait([promised], timeout=_POLL_S)[0])

    def answer(self, promised: Any) -> Any:
        """Return an answer; others have their turn while it is waited for.

        Raises:
            NodeLost: if there will be none.
        """
        errors = self._ray.exceptions
        try:
            with self._others_turn():
                return self._ray.get(promised)
        except errors.RayTaskError:
            raise
        except errors.RayError as error:
            raise NodeLost(str(error)) from error

    @contextlib.contextmanager
    def _others_turn(self) -> Iterator[None]:
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()


class ClusterWorker:
    """A `TrainingWorker` on some node, and on another one if that is lost."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._node: Any = None
        self.hello = self._on_some_node(self._find_node)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cluster.end_node(self._node)

    def run_job(
        self,
        start: StartTraining,
        on_event: Callable[[Event], None],
        *,
        is_enough: Callable[[], bool] = lambda: False,
    ) -> JobEnded:
        """Run a training to its end; on another node it goes on from its last checkpoint.

        Raises:
            WorkerLostError: if its worker dies, its project is not seen, or nodes keep dying.
        """
        folder = str(Path(start.run_folder).resolve())
        line = encode(start.model_copy(update={"run_folder": folder}))

        def work() -> JobEnded:
            if self._node is None:
                self._find_node()
            return self._follow(line, on_event, is_enough)

        return self._on_some_node(work)

    def _on_some_node(self, work: Callable[[], Result]) -> Result:
        for _ in range(_ATTEMPTS):
            try:
                return work()
            except NodeLost as lost:
                _log.warning("a node was lost: %s", lost)
                cause = lost
                self._cluster.end_node(self._node)
                self._node = None
        raise WorkerLostError(
            f"{_ATTEMPTS} nodes of the cluster were lost, one after the other",
            "the log says how; every node needs this program in the same release",
        ) from cause

    def _find_node(self) -> Hello:
        """Wait until a node is free and its worker has said hello."""
        self._node = self._cluster.make_node()
        promised = self._node.hello.remote()
        while not self._cluster.is_ready(promised):
            if self._cluster.is_stopped:
                raise Stopped
        hello = _event(self._cluster.answer(promised), Hello)
        if hello.protocol != PROTOCOL_VERSION:
            raise WorkerLostError(
                f"a node speaks protocol {hello.protocol}, this program {PROTOCOL_VERSION}",
                "install the same release on all nodes",
            )
        return hello

    def _follow(
        self, line: bytes, on_event: Callable[[Event], None], is_enough: Callable[[], bool]
    ) -> JobEnded:
        cluster, node = self._cluster, self._node
        promised = node.run.remote(line)
        is_cancelled = is_over = False
        while not is_over:
            if (cluster.is_stopped or is_enough()) and not is_cancelled:
                is_cancelled = True
                node.cancel.remote()
            is_over = cluster.is_ready(promised)
            if cluster.is_abandoned:
                raise WorkerLostError("the cluster was left", "go on with the study")
            for each in cluster.answer(node.take_events.remote()):
                on_event(decode_event(each))
        return _event(cluster.answer(promised), JobEnded)


Said = TypeVar("Said", Hello, JobEnded)


def _event(answer: Answer, kind: type[Said]) -> Said:
    """Return what a node has said.

    Raises:
        WorkerLostError: with its reason and remedy, if it is a fault.
    """
    if isinstance(answer, Fault):
        raise WorkerLostError(answer.message, answer.hint)
    event = decode_event(answer)
    if not isinstance(event, kind):
        raise BugError(f"a node said {type(event).__name__} for {kind.__name__}")
    return event


def _connected(address: str) -> Any:
    """Return Ray, connected.

    Raises:
        KnownError: if it is not installed, or there is no cluster.
    """
    try:
        # Imported here: only who has a cluster has the package, and it takes a second.
        import ray  # noqa: PLC0415
    except ImportError as error:
        raise KnownError(
            f"--ray {address}: the package ray is not installed",
            'install it with: pip install "inspector[cluster]"',
        ) from error
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        _log.warning("%s", error)
        raise KnownError(
            f"--ray {address}: no cluster answers",
            "start one with `ray start --head`, or correct the address; the log says more",
        ) from error
    return ray


def _knock(address: str) -> None:
    """Ray itself takes minutes to give an address up.

    Raises:
        OSError: if nobody listens there.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_S).close()
