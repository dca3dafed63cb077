"""What this program is."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from inspector_app import __version__, paths


def show_about(parent: QWidget) -> None:
    text = QCoreApplication.translate(
        "About",
        "Marks defects on product photos, learns from good parts on your own computer, "
        "and judges the rest. Nothing leaves this computer.",
    )
    logs = QCoreApplication.translate("About", "Log files: {folder}").format(
        folder=paths.log_folder()
    )
    licence = QCoreApplication.translate(
        "About", "Apache-2.0; see LICENSE and NOTICE for the parts of others."
    )
    QMessageBox.about(
        parent,
        QCoreApplication.translate("About", "About Inspector"),
        f"<h3>Inspector {__version__}</h3><p>{text}</p><p>{licence}</p><p>{logs}</p>",
    )
