"""What goes wrong with the project's database, in words for the operator."""

import sqlite3
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from inspector_app.domain.errors import KnownError

STORE_FAULTS = (KnownError, sqlite3.Error)


def explain_fault(error: Exception, project_folder: Path) -> tuple[str, str]:
    """Return message and hint for one of `STORE_FAULTS`."""
    if isinstance(error, KnownError):
        return error.message, error.hint
    message = QCoreApplication.translate(
        "Store", "{folder}: the project could not be read or written ({error})."
    ).format(folder=project_folder, error=error)
    return message, QCoreApplication.translate("Store", "Check its drive, then repeat the step.")
