"""Looking at a training before it is started."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.services.check_wording import duration_text, measured_text
from inspector_app.services.preflight import Looked, Preflight
from inspector_app.services.session import ProjectSession
from inspector_app.services.worker_process import WorkerProcess
from inspector_app.services.workers import Workers
from inspector_app.store import jobs
from inspector_app.store.project import Project

LONG_MS = 20_000


@pytest.fixture
def preflight(
    session: ProjectSession, workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Preflight]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    preflight = Preflight(session, workers)
    yield preflight
    preflight.shut_down()


def look(preflight: Preflight, **config: Any) -> None:
    preflight.look("autoencoder", config, task="anomaly", purpose="check")


def leftovers(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("inspector-check-*"))


def test_that_a_check_answers_with_remarks_and_figures(
    preflight: Preflight, project: Project, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(preflight.looked, timeout=LONG_MS) as answered:
        look(preflight, remark="only 2 images of dent")
    looked: Looked = answered.args[0]
    assert looked.purpose == "check"
    assert [remark.text for remark in looked.remarks] == ["only 2 images of dent"]
    assert looked.metrics["epochs"] == 2.0
    assert not preflight.is_looking
    assert jobs.runs(project) == []
    qtbot.waitUntil(lambda: leftovers(tmp_path) == [], timeout=LONG_MS)


@pytest.mark.parametrize(
    ("then", "words"), [("memory", "memory was not enough"), ("crash", "The worker crashed")]
)
def test_that_a_check_that_fails_says_why(
    preflight: Preflight, qtbot: QtBot, then: str, words: str
) -> None:
    with qtbot.waitSignal(preflight.failed, timeout=LONG_MS) as failed:
        look(preflight, then=then)
    assert words in failed.args[0]


def test_that_data_that_cannot_be_learned_from_is_told_without_a_worker(
    preflight: Preflight, workers: Workers, project: Project, tmp_path: Path, qtbot: QtBot
) -> None:
    with project.transaction() as connection:
        connection.execute("DELETE FROM images")
    with qtbot.waitSignal(preflight.failed, timeout=LONG_MS) as failed:
        look(preflight)
    assert "no image of a good part" in failed.args[0]
    assert workers.findChildren(WorkerProcess) == []
    assert leftovers(tmp_path) == []


def test_that_a_cancelled_check_is_not_heard_of_again(
    preflight: Preflight, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(preflight.progressed, timeout=LONG_MS):
        look(preflight, then="until_cancelled")
    with (
        qtbot.assertNotEmitted(preflight.looked),
        qtbot.assertNotEmitted(preflight.failed),
    ):
        preflight.cancel()
        qtbot.waitUntil(lambda: leftovers(tmp_path) == [], timeout=LONG_MS)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.52, "0.5 s"), (40.2, "40 s"), (61.0, "1 min"), (7000.0, "117 min"), (9000.0, "2.5 h")],
)
def test_that_times_are_told_in_the_unit_that_suits_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_that_nothing_is_claimed_that_was_not_measured() -> None:
    assert measured_text({"learning_rate": 1e-3}) == ""
    figures = {"run_seconds": 600.0, "epoch_seconds": 12.0, "memory_mb": 2048.0}
    assert measured_text(figures) == "about 10 min for all epochs (12 s each), 2.0 GB of memory"


def test_that_a_check_ended_while_it_is_prepared_leaves_nothing(
    preflight: Preflight, tmp_path: Path
) -> None:
    for _ in range(3):
        look(preflight)
    preflight.shut_down()
    assert leftovers(tmp_path) == []
