"""The click model of a project: adapted in a worker, offered, forgotten."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion, UndoStep
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.protocol.adapting import LEAST_REGIONS
from inspector_app.services.adapted_files import click_regions
from inspector_app.services.click_adapting import Adapted, ClickAdapting
from inspector_app.services.session import ProjectSession
from inspector_app.services.workers import Workers
from inspector_app.store import annotations
from inspector_app.store.project import CLICK_MODEL_FOLDER, Project

LONG_MS = 20_000
ADAPTED, GRABCUT = "Adapted network", "GrabCut"
SCRIPT = Path(__file__).parent / "workers" / "adapting.py"

Adapt = Callable[[str], ClickAdapting]


def draw_regions(project: Project, count: int, *, is_ignored: bool = False) -> None:
    record = project.images()[0]
    drawn = len(annotations.load_document(project, record.id).regions)
    class_id = project.classes()[0].id if project.classes() else project.add_class("dent").id
    for number in range(count):
        box = Box(number, 2, number + 3, 6)
        region = Region(
            f"{number + 1000 * is_ignored:032x}",
            class_id,
            box,
            Mask.from_box(box, width=64, height=48),
            Author.HAND,
            is_ignored=is_ignored,
        )
        annotations.perform(
            project, UndoStep(record.id, "Draw", (AddRegion(region, drawn + number),))
        )


@pytest.fixture
def adapting(
    session: ProjectSession, qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Adapt]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made: list[ClickAdapting] = []

    def make(how: str) -> ClickAdapting:
        made.append(ClickAdapting(session, Workers([sys.executable, str(SCRIPT), how])))
        return made[-1]

    yield make
    for one in made:
        one.shut_down()
        one._workers.shut_down()


def adapted_by(adapting: ClickAdapting, qtbot: QtBot) -> Adapted:
    with qtbot.waitSignal(adapting.ended, timeout=LONG_MS) as ended:
        adapting.start()
        assert adapting.is_at_work
    found = ended.args[0]
    assert isinstance(found, Adapted)
    return found


def model_of(adapting: ClickAdapting) -> Workers:
    adapting._workers.start_inference()
    return adapting._workers


def test_that_a_better_model_is_kept_and_answers(
    adapting: Adapt, project: Project, qtbot: QtBot
) -> None:
    draw_regions(project, LEAST_REGIONS)
    better = adapting("kept")
    adapted = adapted_by(better, qtbot)
    assert adapted.is_kept
    assert adapted.figures["learned"] == LEAST_REGIONS - 4
    assert adapted.remarks == ("a.png: the file is empty",)
    assert better.has_adapted
    workers = model_of(better)
    qtbot.waitUntil(lambda: workers.click_models == (ADAPTED, GRABCUT), timeout=LONG_MS)
    assert workers.click_model == ADAPTED


def test_that_it_is_offered_again_when_the_project_is_opened_again(
    adapting: Adapt, project: Project, qtbot: QtBot
) -> None:
    draw_regions(project, LEAST_REGIONS)
    adapted_by(adapting("kept"), qtbot)
    workers = model_of(adapting("kept"))
    qtbot.waitUntil(lambda: workers.click_model == ADAPTED, timeout=LONG_MS)


def test_that_what_is_no_better_changes_nothing(
    adapting: Adapt, project: Project, qtbot: QtBot
) -> None:
    draw_regions(project, LEAST_REGIONS)
    same = adapting("discarded")
    assert not adapted_by(same, qtbot).is_kept
    assert not same.has_adapted


def test_that_it_can_be_forgotten(adapting: Adapt, project: Project, qtbot: QtBot) -> None:
    draw_regions(project, LEAST_REGIONS)
    better = adapting("kept")
    adapted_by(better, qtbot)
    workers = model_of(better)
    qtbot.waitUntil(lambda: workers.click_model == ADAPTED, timeout=LONG_MS)
    with qtbot.waitSignal(better.changed):
        better.forget()
    qtbot.waitUntil(lambda: workers.click_models == (GRABCUT,), timeout=LONG_MS)
    assert list((project.folder / CLICK_MODEL_FOLDER).iterdir()) == []


def test_that_a_model_that_cannot_be_kept_is_told(
    adapting: Adapt, project: Project, qtbot: QtBot
) -> None:
    draw_regions(project, LEAST_REGIONS)
    (project.folder / CLICK_MODEL_FOLDER).write_text("in the way")
    better = adapting("kept")
    with qtbot.waitSignal(better.failed, timeout=LONG_MS) as failed:
        better.start()
    assert CLICK_MODEL_FOLDER in failed.args[0]
    assert not better.has_adapted


def test_that_a_failure_is_told(adapting: Adapt, project: Project, qtbot: QtBot) -> None:
    draw_regions(project, LEAST_REGIONS)
    failing = adapting("failed")
    with qtbot.waitSignal(failing.failed, timeout=LONG_MS) as failed:
        failing.start()
    assert "No weights" in failed.args[0]
    assert not failing.is_at_work


def test_that_too_few_regions_are_told(adapting: Adapt, project: Project, qtbot: QtBot) -> None:
    draw_regions(project, LEAST_REGIONS - 1)
    draw_regions(project, 3, is_ignored=True)
    few = adapting("kept")
    with qtbot.waitSignal(few.failed, timeout=LONG_MS) as failed:
        few.start()
    assert f"{LEAST_REGIONS - 1} regions are drawn, {LEAST_REGIONS} are needed" in failed.args[0]


def test_that_each_region_is_handed_over_with_its_image(project: Project) -> None:
    draw_regions(project, LEAST_REGIONS)
    found = click_regions(project)
    assert {one.image_path for one in found} == {str(project.image_path(project.images()[0]))}
    assert Mask(*found[2].size, found[2].counts).box == Box(2, 2, 5, 6)


def test_that_another_project_is_not_offered_it(
    adapting: Adapt, project: Project, session: ProjectSession, qtbot: QtBot
) -> None:
    draw_regions(project, LEAST_REGIONS)
    better = adapting("kept")
    adapted_by(better, qtbot)
    workers = model_of(better)
    qtbot.waitUntil(lambda: workers.click_model == ADAPTED, timeout=LONG_MS)
    session.close()
    qtbot.waitUntil(lambda: workers.click_model == GRABCUT, timeout=LONG_MS)
