"""What the inspections of the open project have left: records, results, heatmaps, tables."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.jobs import InspectionRecord, ResultRecord
from inspector_app.protocol.files import BundleCard
from inspector_app.services.results_csv import write_results_csv
from inspector_app.services.run_folders import RunFolders
from inspector_app.services.session import ProjectSession
from inspector_app.services.store_faults import STORE_FAULTS, explain_fault
from inspector_app.store import inspection_results, jobs


class InspectionArchive:
    """Reads; what could not be read is told by `refuse`."""

    def __init__(
        self,
        session: ProjectSession,
        folders: RunFolders,
        refuse: Callable[[Exception], None],
    ) -> None:
        self._session = session
        self._folders = folders
        self._refuse = refuse

    def inspections(self) -> list[InspectionRecord]:
        """Return all inspections, newest first."""
        try:
            return jobs.inspections(self._session.project)
        except STORE_FAULTS as error:
            self._refuse(error)
            return []

    def record(self, inspection_id: str) -> InspectionRecord:
        """Return one inspection.

        Raises:
            BadDataError: if there is none with this id.
        """
        for record in jobs.inspections(self._session.project):
            if record.id == inspection_id:
                return record
        raise BadDataError(f"{inspection_id}: no such inspection", "choose another one")

    def results(self, inspection_id: str) -> list[ResultRecord]:
        """Return what is stored: highest score first, images that could not be judged lead."""
        try:
            return inspection_results.results(self._session.project, inspection_id)
        except STORE_FAULTS as error:
            self._refuse(error)
            return []

    def card(self, inspection_id: str) -> BundleCard | None:
        """Return the card of the model that was used; None if its run folder is gone."""
        try:
            return self.card_of(self.record(inspection_id))
        except STORE_FAULTS:
            return None

    def card_of(self, record: InspectionRecord) -> BundleCard | None:
        """Return the card of the model that was used; None if its run folder is gone."""
        try:
            return self._folders.card(record.run_id)
        except STORE_FAULTS:
            return None

    def heatmap_path(self, inspection_id: str, result: ResultRecord) -> Path | None:
        """Return the file of a result's heatmap; None if it has none or it is gone."""
        if not result.heatmap_file:
            return None
        try:
            folder = jobs.run_folder(self._session.project, self.record(inspection_id))
        except STORE_FAULTS:
            return None
        path = folder / result.heatmap_file
        return path if path.is_file() else None

    def export_csv(self, inspection_id: str, target: Path) -> None:
        """Write what is known of every image, and what the model says of it.

        Raises:
            KnownError: if it cannot be written.
        """
        try:
            record = self.record(inspection_id)
            results = inspection_results.results(self._session.project, inspection_id)
        except sqlite3.Error as error:
            raise BadDataError(*explain_fault(error, self._session.folder)) from error
        write_results_csv(target, results, threshold=record.threshold)
