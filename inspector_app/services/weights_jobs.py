"""The weights shelf for the window: listed, verified, filled, all of it in threads."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.errors import DiskFullError, KnownError
from inspector_app.domain.hashing import BytesCallback
from inspector_app.protocol.shelf import Shelf, ShelfItem
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services.background import Background
from inspector_app.services.stopping import Seldom, StoppedError, report
from inspector_app.services.weights_import import (
    Arrivals,
    FoundWeights,
    find_weights,
    import_all,
)

_KB = 2**10


class WeightsJobs(QObject):
    """Does one thing at a time; nothing is fetched unless `fetch` is called for it."""

    listed = Signal(object)
    """List of ShelfItem: every published file, then own ones."""
    found = Signal(object)
    """FoundWeights in folders, to be agreed to before they are imported."""
    started = Signal(str)
    """What is being done, for the operator."""
    progressed = Signal(int, int)
    """In KB."""
    verified = Signal(object)
    """List of ShelfItem that were read."""
    brought = Signal(object)
    """Arrivals: files that were imported or fetched."""
    stopped = Signal()
    """By the operator; what was fetched so far is kept."""
    failed = Signal(str, str)
    """Message and hint."""
    ended = Signal()
    """Just before each of the above but `listed`; something else can be begun."""
    arrived = Signal()
    """There are published weights that were not there before."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        plain_http_hosts: frozenset[str] = frozenset(),
    ) -> None:
        """Fetch by http, without s, from these hosts only."""
        super().__init__(parent)
        self._plain_http_hosts = plain_http_hosts
        # Of its own: a fetch of minutes must not keep images or exports waiting. Two
        # threads, for the list must not wait for the fetch.
        self._background = Background(max_threads=2, parent=self)
        self._stop: Event | None = None
        self._doing = ""

    @property
    def background(self) -> Background:
        return self._background

    @property
    def is_busy(self) -> bool:
        return self._stop is not None

    @property
    def doing(self) -> str:
        """What is being done, for the operator; what was done last while nothing is."""
        return self._doing

    def refresh(self) -> None:
        """Look at what there is; `listed` follows."""
        self._background.run(_glance, self._show_items, self._fail_listing)

    def verify(self, entries: Sequence[WeightsEntry], *, is_anew: bool = True) -> None:
        """Read files; those that were read before as well if `is_anew`; `verified` follows."""
        work = partial(_verify, entries=tuple(entries), is_anew=is_anew)
        self._start(self.tr("Verifying"), work, self._finish_verifying)

    def find(self, places: Sequence[Path]) -> None:
        """Look for weights in folders; `found` follows."""
        work = partial(_find, places=tuple(places))
        self._start(self.tr("Looking for weights"), work, self._finish_finding)

    def bring(self, files: Sequence[Path]) -> None:
        """Import files; `brought` follows."""
        work = partial(_import, files=tuple(files))
        self._start(self.tr("Importing"), work, self._finish_bringing)

    def fetch(self, entries: Sequence[WeightsEntry]) -> None:
        """Fetch files that the operator has asked for; `brought` follows."""
        names = ", ".join(entry.name for entry in entries)
        work = partial(_fetch, entries=tuple(entries), plain_http_hosts=self._plain_http_hosts)
        self._start(self.tr("Fetching {names}").format(names=names), work, self._finish_bringing)

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def shut_down(self) -> None:
        self.stop()
        self._background.shut_down()

    def _start(
        self,
        sentence: str,
        work: Callable[[BytesCallback], object],
        on_done: Callable[[object], None],
    ) -> None:
        if self._stop is not None:
            return
        stop = self._stop = Event()
        self._doing = sentence
        self.started.emit(sentence)
        tell = Seldom(lambda done, total: self.progressed.emit(done // _KB, total // _KB))
        self._background.run(partial(work, partial(report, stop, tell)), on_done, self._fail)

    def _show_items(self, items: object) -> None:
        self.listed.emit(items)

    def _fail_listing(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.failed.emit(error.message, error.hint)

    def _finish_verifying(self, items: object) -> None:
        self._end(self.verified.emit, items)

    def _finish_finding(self, found: object) -> None:
        self._end(self.found.emit, found)

    def _finish_bringing(self, arrivals: object) -> None:
        assert isinstance(arrivals, Arrivals)
        self._end(self.brought.emit, arrivals)
        if any(not entry.is_own for entry in arrivals.entries):
            self.arrived.emit()

    def _end(self, tell: Callable[..., object], *words: object) -> None:
        self._stop = None
        # First: whoever is told may begin something else.
        self.ended.emit()
        tell(*words)
        self.refresh()

    def _fail(self, error: Exception) -> None:
        match error:
            case StoppedError():
                self._end(self.stopped.emit)
            case KnownError():
                self._end(self.failed.emit, error.message, error.hint)
            case _:
                why = self.tr("That did not work: {why}").format(why=error)
                self._end(self.failed.emit, why, "")
                raise error


def _glance() -> list[ShelfItem]:
    shelf = Shelf.of_this_machine()
    return [shelf.glance(entry) for entry in shelf.entries()]


def _verify(
    progress: BytesCallback, *, entries: Sequence[WeightsEntry], is_anew: bool
) -> list[ShelfItem]:
    shelf = Shelf.of_this_machine()
    look = shelf.verify if is_anew else shelf.look_up
    try:
        return [look(entry, progress) for entry in entries]
    finally:
        # What was read before somebody stopped it need not be read again.
        shelf.digests.save()


def _find(_progress: BytesCallback, *, places: Sequence[Path]) -> FoundWeights:
    return find_weights(places)


def _import(progress: BytesCallback, *, files: Sequence[Path]) -> Arrivals:
    return import_all(files, progress=progress)


def _fetch(
    progress: BytesCallback,
    *,
    entries: Sequence[WeightsEntry],
    plain_http_hosts: frozenset[str],
) -> Arrivals:
    # Here: the libraries of the network would slow the program's start.
    from inspector_app.services.weights_fetch import fetch_weights  # noqa: PLC0415

    fetched: list[WeightsEntry] = []
    faults: list[str] = []
    for entry in entries:
        try:
            fetch_weights(
                entry, progress=progress, verifying=progress, plain_http_hosts=plain_http_hosts
            )
        except DiskFullError:
            raise
        except KnownError as error:
            faults.append(str(error))
        else:
            fetched.append(entry)
    return Arrivals(tuple(fetched), tuple(faults))
