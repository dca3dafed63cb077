"""The next images, encoded while nobody clicks, and which ones are ready for clicks."""

from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector_app.domain.geometry import Box
from inspector_app.protocol.embeddings import EmbeddingFiles
from inspector_app.protocol.messages import Event, ImagePrepared, PrepareAhead, RequestFailed
from inspector_app.services.background import Background
from inspector_app.services.workers import Workers

_FIRST_ID = 1_000_000_000
"""Apart from the ids of clicks, which count from 1."""
_WRITES_BETWEEN_PRUNES = 50
_LOOK_PRIORITY = -1
_PRUNE_PRIORITY = -2
_TELL_EVERY_MS = 50
_MOST_AT_ONCE = 200


class EncodingAhead(QObject):
    """Sends the worker one image after the other; it gives each up for a click.

    A click model that prepares nothing (GrabCut) is sent nothing, and no image is called
    ready: all of them are.
    """

    changed = Signal()
    """`is_ready` has other answers."""

    def __init__(
        self,
        workers: Workers,
        background: Background,
        folder: Path,
        parent: QObject | None = None,
        *,
        max_bytes: int,
    ) -> None:
        super().__init__(parent)
        self._workers = workers
        self._background = background
        self._files = EmbeddingFiles(folder)
        self._max_bytes = max_bytes
        self._ids = count(_FIRST_ID)
        self._wishes: list[tuple[Path, Box | None]] = []
        self._sent: dict[int, tuple[Path, Box | None]] = {}
        self._encoder = ""
        self._view: Box | None = None
        self._is_ready: dict[str, bool] = {}
        self._asked: list[Path] = []
        self._is_looking = False
        self._kept_since_prune = 0
        self._ask_timer = QTimer(self)
        self._ask_timer.setSingleShot(True)
        self._ask_timer.setInterval(_TELL_EVERY_MS)
        self._ask_timer.timeout.connect(self._look)
        workers.event_received.connect(self._on_event)
        workers.inference_lost.connect(self._on_worker_lost)
        workers.status_changed.connect(self._on_status)
        self._prune()

    @property
    def is_of_use(self) -> bool:
        """Whether the click model in use prepares images at all."""
        return bool(self._encoder)

    def set_max_bytes(self, max_bytes: int) -> None:
        """Keep at most so much on disk; 0 keeps nothing for later and encodes nothing ahead."""
        self._max_bytes = max_bytes
        self._prune()
        self._send_next()

    def set_view(self, view: Box | None) -> None:
        """Answer `is_ready` for this part of the images."""
        if view != self._view:
            self._view = view
            self._forget_answers()

    def wish(self, images: Sequence[tuple[Path, Box | None]]) -> None:
        """Encode these next, first things first; replaces what was wished before."""
        self._wishes = list(images)
        self._sent.clear()
        self._send_next()

    def is_ready(self, path: Path) -> bool:
        """Tell whether a click on an image is answered without encoding; later, by `changed`."""
        if not self._encoder:
            return False
        key = str(path)
        if key not in self._is_ready:
            self._is_ready[key] = False
            self._ask(path)
        return self._is_ready[key]

    def look_again(self, path: str) -> None:
        """Find out anew whether an image is ready; it may be now."""
        if self._encoder and not self._is_ready.get(path):
            self._ask(Path(path))

    def _ask(self, path: Path) -> None:
        self._asked.append(path)
        if not self._ask_timer.isActive() and not self._is_looking:
            self._ask_timer.start()

    # ahead

    def _send_next(self) -> None:
        may_send = self._encoder and self._max_bytes and not self._workers.is_training
        if not may_send or self._sent or not self._wishes or self._workers.state != "ready":
            return
        path, view = self._wishes.pop(0)
        request_id = next(self._ids)
        self._sent[request_id] = (path, view)
        edges = (view.left, view.top, view.right, view.bottom) if view else None
        self._workers.send(PrepareAhead(request_id=request_id, image_path=str(path), view=edges))

    def _on_event(self, event: Event) -> None:
        if isinstance(event, ImagePrepared) and event.is_kept and not event.was_kept:
            self._count_kept()
        if isinstance(event, ImagePrepared | RequestFailed):
            done = self._sent.pop(event.request_id, None)
            if done is not None and isinstance(event, ImagePrepared) and event.is_kept:
                self._note_ready(*done)
            self._send_next()

    def _note_ready(self, path: Path, view: Box | None) -> None:
        if view == self._view and not self._is_ready.get(str(path)):
            self._is_ready[str(path)] = True
            self.changed.emit()

    def _on_status(self) -> None:
        if self._workers.encoder != self._encoder:
            self._encoder = self._workers.encoder
            self._forget_answers()
        self._send_next()

    def _on_worker_lost(self, _end: object) -> None:
        self._wishes.clear()
        self._sent.clear()

    # what is on disk

    def _forget_answers(self) -> None:
        self._is_ready.clear()
        self._asked.clear()
        self.changed.emit()

    def _look(self) -> None:
        asked, self._asked = self._asked[-_MOST_AT_ONCE:], self._asked[:-_MOST_AT_ONCE]
        if not asked:
            return
        self._is_looking = True
        task = partial(_look_up, self._files, self._encoder, asked, self._view)
        self._background.run(
            task, partial(self._on_looked, self._encoder, self._view), priority=_LOOK_PRIORITY
        )

    def _on_looked(self, encoder: str, view: Box | None, found: dict[str, bool]) -> None:
        self._is_looking = False
        if self._asked:
            self._ask_timer.start()
        if (encoder, view) != (self._encoder, self._view):
            return
        self._is_ready.update(found)
        if any(found.values()):
            self.changed.emit()

    def _count_kept(self) -> None:
        self._kept_since_prune += 1
        if self._kept_since_prune >= _WRITES_BETWEEN_PRUNES:
            self._prune()

    def _prune(self) -> None:
        self._kept_since_prune = 0
        task = partial(self._files.prune, self._max_bytes)
        self._background.run(task, _ignore_count, priority=_PRUNE_PRIORITY)


def _look_up(
    files: EmbeddingFiles, encoder: str, asked: list[Path], view: Box | None
) -> dict[str, bool]:
    return {str(path): files.has(encoder, path, view) for path in asked}


def _ignore_count(_removed: int) -> None:
    pass
