"""The trainings of a study on a cluster, as many at a time as there is room for."""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

from inspector_app.cli.cluster import Cluster
from inspector_app.cli.console import Console, ProgressDisplay
from inspector_app.cli.interrupts import Interrupts, noted_interrupts
from inspector_app.cli.studying import StudyTrainer
from inspector_app.services.studies import Study
from inspector_app.store import jobs
from inspector_app.store.project import Project

_POLL_S = 0.2


def run_study_on(cluster: Cluster, project: Project, study: Study, console: Console) -> bool:
    """Train what waits, as `run_study` does.

    Returns:
        False if Ctrl-C ended it; a second one does not wait for what is being cancelled.
    """
    # Nobody else is running anything in a project that may be written to.
    jobs.interrupt_stale_jobs(project)
    trainer = StudyTrainer(project, study, cluster.start_worker)
    console.say(f"the cluster has room for {cluster.seats} trainings at a time")
    with noted_interrupts() as interrupts, ThreadPoolExecutor(cluster.seats) as pool:
        trained = [
            pool.submit(cluster.in_turn, partial(trainer.train, place, _Named(console, name)))
            for place in study.waiting(jobs.runs(project))
            for name in [f"{place + 1} ({trainer.name_of(place)})"]
        ]
        _watch(cluster, trained, interrupts)
    return all(future.result() for future in trained)


def _watch(cluster: Cluster, trained: Sequence[Future[bool]], interrupts: Interrupts) -> None:
    """Wait until all is over; stop the cluster for Ctrl-C, and for a bug in one of the threads."""
    try:
        waiting = set(trained)
        while waiting:
            over, waiting = wait(waiting, timeout=_POLL_S)
            is_broken = any(future.exception() is not None for future in over)
            cluster.is_stopped = cluster.is_stopped or interrupts.is_requested or is_broken
    except KeyboardInterrupt:
        cluster.is_stopped = cluster.is_abandoned = True
        raise


class _Named(Console):
    """Says of which training a line is; bars of several would run into each other."""

    def __init__(self, console: Console, name: str) -> None:
        super().__init__(as_json=console.is_json)
        self._console = console
        self._name = name

    def say(self, text: str) -> None:
        self._console.say(f"{self._name}: {text}")

    @contextlib.contextmanager
    def progress(self, title: str) -> Iterator[ProgressDisplay]:
        yield _show_nothing


def _show_nothing(done: int, total: int, note: str = "") -> None:
    pass
