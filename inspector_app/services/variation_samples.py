"""Training images as a training would vary them, asked of the inference worker."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from inspector_app.domain import picture
from inspector_app.domain.picture import RgbImage
from inspector_app.formats.reading import read_bytes
from inspector_app.protocol.files import DatasetItem
from inspector_app.protocol.messages import (
    Event,
    Outline,
    ShowVariations,
    VariationsShown,
    VariedPicture,
)
from inspector_app.services.background import Background
from inspector_app.services.job_files import example_items
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.services.worker_end import WorkerEnd
from inspector_app.services.workers import Workers
from inspector_app.store.project import Project

SAMPLES = 8
_LARGEST_MB = 64


@dataclass(frozen=True, eq=False, slots=True)
class VariedSample:
    """One image as it would be learned from."""

    image_path: Path
    picture: RgbImage
    outlines: tuple[Outline, ...]
    """Of what is marked, in pixels of the picture."""


class VariationSamples(QObject):
    """Shows one set of samples at a time; another request replaces it."""

    shown = Signal(object)
    """VariedSample, a tuple of them."""
    failed = Signal(str)
    """Why there is nothing to be shown."""

    def __init__(
        self, session: ProjectSession, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._workers = workers
        self._background = Background(max_threads=1, parent=self)
        self._numbers = count(1)
        self._awaited = 0
        """Number of the latest request, 0 if nothing is awaited."""
        self._root: Path | None = None
        workers.event_received.connect(self._on_event)
        workers.inference_lost.connect(self._on_worker_lost)

    def show(self, model_kind: str, config: Mapping[str, Any], *, task: str, seed: int) -> None:
        """Show images as a training with these settings varies them; `shown` or `failed` follows.

        The same seed takes the same images, so that settings can be compared.
        """
        number = self._awaited = next(self._numbers)
        self._background.run(
            partial(_choose, self._session.project, task, seed),
            partial(self._ask, number, model_kind, dict(config), seed),
            partial(self._on_fault, number),
        )

    def cancel(self) -> None:
        """Nothing more is heard of the latest request."""
        self._awaited = 0

    def shut_down(self) -> None:
        self.cancel()
        self._background.shut_down()
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    def _ask(
        self,
        number: int,
        model_kind: str,
        config: dict[str, Any],
        seed: int,
        items: Sequence[DatasetItem],
    ) -> None:
        if number != self._awaited:
            return
        try:
            folder = self._make_folder(number)
        except OSError as error:
            self._on_fault(number, error)
            return
        command = ShowVariations(
            request_id=number,
            model_kind=model_kind,
            config=config,
            items=tuple(items),
            seed=seed,
            folder=str(folder),
        )
        self._workers.send(command)

    def _make_folder(self, number: int) -> Path:
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="inspector-samples-"))
        folder = self._root / str(number)
        folder.mkdir()
        return folder

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, VariationsShown) or self._root is None:
            return
        number = event.request_id
        if number != self._awaited:
            shutil.rmtree(self._root / str(number), ignore_errors=True)
        elif event.error:
            self._fail(" — ".join(part for part in (event.error, event.hint) if part))
        else:
            self._background.run(
                partial(_read_and_clear, self._root / str(number), event.pictures),
                partial(self._on_read, number),
                partial(self._on_fault, number),
            )

    def _on_read(self, number: int, samples: tuple[VariedSample, ...]) -> None:
        if number == self._awaited:
            self._awaited = 0
            self.shown.emit(samples)

    def _on_fault(self, number: int, error: Exception) -> None:
        if not isinstance(error, (*STORE_FAULTS, OSError)):
            raise error
        if number == self._awaited:
            self._fail(" — ".join(explain_fault(error, self._session.folder)))

    def _on_worker_lost(self, end: WorkerEnd) -> None:
        if self._awaited:
            self._fail(end.reason or self.tr("The worker was restarted. Ask again."))

    def _fail(self, text: str) -> None:
        self._awaited = 0
        self.failed.emit(text)


def _choose(project: Project, task: str, seed: int) -> list[DatasetItem]:
    with project.second_connection() as other:
        return example_items(other, task, count=SAMPLES, seed=seed)


def _read_and_clear(folder: Path, told: Sequence[VariedPicture]) -> tuple[VariedSample, ...]:
    """Read the pictures that were written; they are not needed again.

    Raises:
        BadDataError: naming the file that is missing or damaged.
    """
    try:
        return tuple(
            VariedSample(Path(one.image_path), _picture(folder / one.file), one.outlines)
            for one in told
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _picture(path: Path) -> RgbImage:
    return picture.decode_rgb(read_bytes(path, limit_mb=_LARGEST_MB), name=str(path))
