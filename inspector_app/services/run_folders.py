"""What training runs have left in their folders."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from inspector_app.domain.errors import BadDataError
from inspector_app.protocol.codec import ProtocolError, decode_event
from inspector_app.protocol.files import (
    BUNDLE_CARD_FILE,
    BUNDLE_FOLDER,
    BUNDLE_WEIGHTS_FILE,
    EVENTS_FILE,
    BundleCard,
)
from inspector_app.protocol.messages import EpochEnded, Remark
from inspector_app.services.job_files import load_bundle_card
from inspector_app.store import jobs
from inspector_app.store.project import Project


class RunFolders:
    """Reads run folders; what was read once is kept while its file does not change."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._cards: dict[str, BundleCard] = {}
        self._epochs: dict[str, tuple[tuple[int, int], list[EpochEnded]]] = {}
        """With time and size of the file they are from."""

    def folder(self, run_id: str) -> Path:
        """Return a run's folder.

        Raises:
            BadDataError: if the project knows no such run.
        """
        try:
            return jobs.run_folder(self._project, jobs.run(self._project, run_id))
        except KeyError as error:
            raise BadDataError(f"{run_id}: no such training run", "choose another one") from error

    def bundle_folder(self, run_id: str) -> Path:
        """Return where a run's bundle is, or would be.

        Raises:
            BadDataError: if the project knows no such run.
        """
        return self.folder(run_id) / BUNDLE_FOLDER

    def has_bundle(self, run_id: str) -> bool:
        bundle = self.bundle_folder(run_id)
        return all((bundle / name).is_file() for name in (BUNDLE_CARD_FILE, BUNDLE_WEIGHTS_FILE))

    def card(self, run_id: str) -> BundleCard:
        """Return the card of a run's bundle.

        Raises:
            BadDataError: if there is no bundle, or none that this version understands.
        """
        if run_id not in self._cards:
            self._cards[run_id] = load_bundle_card(self.bundle_folder(run_id))
        return self._cards[run_id]

    def epochs(self, run_id: str) -> list[EpochEnded]:
        """Return the epochs a run has written down, none if it has not begun."""
        folder = self.folder(run_id)
        try:
            status = (folder / EVENTS_FILE).stat()
        except OSError:
            return []
        stamp = (status.st_mtime_ns, status.st_size)
        if run_id not in self._epochs or self._epochs[run_id][0] != stamp:
            self._epochs[run_id] = (stamp, read_epochs(folder))
        return list(self._epochs[run_id][1])

    def remarks(self, run_id: str) -> list[str]:
        """Return what a run has come upon, in words."""
        return [remark.text for remark in _events(self.folder(run_id), Remark)]


def read_epochs(run_folder: Path) -> list[EpochEnded]:
    """Return the epochs among a run's events, each as it went the last time."""
    epochs: list[EpochEnded] = []
    for event in _events(run_folder, EpochEnded):
        epochs = with_epoch(epochs, event)
    return epochs


def with_epoch(epochs: Sequence[EpochEnded], event: EpochEnded) -> list[EpochEnded]:
    """Return the epochs with one more.

    A run that was killed repeats what it had not saved: from the new epoch on those before
    do not count any more.
    """
    return [*(epoch for epoch in epochs if epoch.epoch < event.epoch), event]


EventKind = TypeVar("EventKind", EpochEnded, Remark)


def _events(run_folder: Path, kind: type[EventKind]) -> Iterator[EventKind]:
    """Yield a run's events of one kind; lines that are no event are passed over."""
    try:
        lines = (run_folder / EVENTS_FILE).read_bytes().splitlines()
    except OSError:
        return
    name = f'"{kind.model_fields["type"].default}"'.encode()
    for line in lines:
        # Told apart before decoding: hours of progress, ten lines a second, would take the
        # window's thread a third of a second.
        if name not in line:
            continue
        with contextlib.suppress(ProtocolError):
            event = decode_event(line)
            if isinstance(event, kind):
                yield event
