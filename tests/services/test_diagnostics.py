import gc
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, qCritical, qWarning
from pytestqt.qtbot import QtBot

from inspector_app.domain.errors import BadDataError
from inspector_app.services import diagnostics as diagnostics_module
from inspector_app.services.diagnostics import Diagnostics
from inspector_app.services.worker_log import WorkerLog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def diagnostics(qapp: object, folder: Path) -> Iterator[Diagnostics]:
    before = logging.getLogger().level
    diagnostics = Diagnostics(folder)
    diagnostics.install()
    yield diagnostics
    diagnostics.uninstall()
    logging.getLogger().setLevel(before)


class Faulty(QObject):
    """Raises in a slot."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def slot(self) -> None:
        raise self._error


def told_by(diagnostics: Diagnostics, qtbot: QtBot, act: Callable[[], object]) -> tuple[str, str]:
    with qtbot.waitSignal(diagnostics.fault_found) as found:
        act()
    return found.args[0], found.args[1]


def raise_in_slot(error: BaseException) -> Callable[[], None]:
    faulty = Faulty(error)
    return lambda: QTimer.singleShot(0, faulty.slot)


def raise_in_thread(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return lambda: threading.Thread(target=fail).start()


def test_that_an_exception_in_a_slot_is_told_and_logged(
    diagnostics: Diagnostics, qtbot: QtBot
) -> None:
    message, hint = told_by(diagnostics, qtbot, raise_in_slot(ZeroDivisionError("by zero")))
    assert "ZeroDivisionError: by zero" in message
    assert str(diagnostics.log_file) in hint
    log = diagnostics.log_file.read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "in slot" in log


def test_that_an_exception_in_a_thread_is_told_and_logged(
    diagnostics: Diagnostics, qtbot: QtBot
) -> None:
    message, _ = told_by(diagnostics, qtbot, raise_in_thread(ValueError("in a thread")))
    assert "ValueError: in a thread" in message
    assert "Traceback" in diagnostics.log_file.read_text(encoding="utf-8")


def test_that_a_known_error_keeps_its_own_words(diagnostics: Diagnostics, qtbot: QtBot) -> None:
    error = BadDataError("a.png: the file is empty", "copy it again")
    assert told_by(diagnostics, qtbot, raise_in_slot(error)) == (
        "a.png: the file is empty",
        "copy it again",
    )


def test_that_a_fault_of_every_paint_event_is_told_once(
    diagnostics: Diagnostics, qtbot: QtBot
) -> None:
    told: list[str] = []
    diagnostics.fault_found.connect(lambda message, _: told.append(message))
    for _ in range(100):
        try:
            Faulty(ZeroDivisionError("by zero")).slot()
        except ZeroDivisionError as error:
            diagnostics.report(error)
    diagnostics.report(ValueError("another"))
    assert [message.rsplit(": ", 1)[-1] for message in told] == ["by zero", "another"]


def test_that_what_qt_says_is_logged(diagnostics: Diagnostics) -> None:
    qWarning("a warning of Qt's")
    qCritical("something critical")
    log = diagnostics.log_file.read_text(encoding="utf-8")
    assert "WARNING" in log
    assert "a warning of Qt's" in log
    assert "ERROR" in log
    assert "something critical" in log


def test_that_a_fault_in_a_destructor_is_logged_and_not_told(
    diagnostics: Diagnostics, qtbot: QtBot
) -> None:
    class Bad:
        def __del__(self) -> None:
            raise ValueError("in a destructor")

    with qtbot.assertNotEmitted(diagnostics.fault_found):
        Bad()
        gc.collect()
    assert "in a destructor" in diagnostics.log_file.read_text(encoding="utf-8")


def test_that_the_workers_words_have_a_file_of_their_own(
    diagnostics: Diagnostics, folder: Path
) -> None:
    WorkerLog().feed("epoch 1 · 損失 0.5\n".encode())
    assert "epoch 1 · 損失 0.5" in (folder / "worker.log").read_text(encoding="utf-8")
    assert "epoch 1" not in diagnostics.log_file.read_text(encoding="utf-8")


def test_that_the_log_does_not_grow_without_end(
    qapp: object, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics_module, "_MAX_BYTES", 2000)
    diagnostics = Diagnostics(folder)
    diagnostics.install()
    for number in range(1000):
        logging.getLogger("test").warning("line %s", number)
    diagnostics.uninstall()
    files = list(folder.glob("inspector.log*"))
    assert len(files) == 5
    assert all(file.stat().st_size <= 2000 for file in files)


def test_that_a_log_folder_that_cannot_be_made_does_not_stop_the_program(
    qapp: object, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    diagnostics = Diagnostics(tmp_path / "log")
    diagnostics.install()
    message, _ = told_by(diagnostics, qtbot, raise_in_slot(ZeroDivisionError("by zero")))
    diagnostics.uninstall()
    assert "by zero" in message


def test_that_everything_is_put_back(qapp: object, folder: Path) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    handlers = list(logging.getLogger().handlers)
    diagnostics = Diagnostics(folder)
    diagnostics.install()
    diagnostics.install()
    diagnostics.uninstall()
    diagnostics.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    assert logging.getLogger().handlers == handlers


def test_that_a_native_crash_leaves_its_trace(folder: Path) -> None:
    script = (
        "import sys, ctypes; from pathlib import Path\n"
        "from inspector_app.services.diagnostics import Diagnostics\n"
        "diagnostics = Diagnostics(Path(sys.argv[1])); diagnostics.install()\n"
        "ctypes.string_at(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, check=False)
    crash = (folder / "crash.log").read_text(encoding="utf-8")
    assert "Segmentation fault" in crash or "access violation" in crash
