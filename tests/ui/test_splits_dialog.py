"""Dividing the images: shown first, done on agreement."""

import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.splits import Among, SplitPlan
from inspector_app.services import lots
from inspector_app.services.session import ProjectSession
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.dialogs.splits import SplitsDialog


@pytest.fixture
def dialog(
    session: ProjectSession, program_services: ProgramServices, qtbot: QtBot
) -> SplitsDialog:
    dialog = SplitsDialog(session.images(), program_services.background)
    qtbot.addWidget(dialog)
    return dialog


def plan_of(dialog: SplitsDialog, qtbot: QtBot) -> SplitPlan:
    dialog.seed.setValue(dialog.seed.value() + 1)
    qtbot.waitUntil(lambda: dialog.plan is not None)
    assert dialog.plan is not None
    return dialog.plan


def test_that_the_division_is_shown_by_type(dialog: SplitsDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    rows = [[dialog.table.item(row, column).text() for column in range(4)] for row in (0, 1)]
    assert rows[0][0] == "good"
    assert sum(int(text) for row in rows for text in row[1:]) == 11
    assert dialog.table.isColumnHidden(4)
    assert dialog.divide_button.isEnabled()


def test_that_shares_are_asked_for(dialog: SplitsDialog, qtbot: QtBot) -> None:
    dialog.shares[Split.TRAIN].setValue(0)
    dialog.shares[Split.VALIDATION].setValue(0)
    assert set(plan_of(dialog, qtbot).assigned.values()) == {Split.TEST}


def test_that_test_images_can_be_left_alone(dialog: SplitsDialog, qtbot: QtBot) -> None:
    dialog.among.setCurrentIndex(dialog.among.findData(Among.NOT_TEST))
    assert len(plan_of(dialog, qtbot).assigned) == 6


def test_that_the_folders_can_be_asked(dialog: SplitsDialog, qtbot: QtBot) -> None:
    dialog.among.setCurrentIndex(dialog.among.count() - 1)
    qtbot.waitUntil(lambda: dialog.plan is not None and dialog.recipe is None)
    assert not dialog.shares[Split.TRAIN].isEnabled()
    assert not dialog.divide_button.isEnabled()


def test_that_a_broken_expression_is_told(dialog: SplitsDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    dialog.lots.setCurrentIndex(dialog.lots.count() - 1)
    dialog.pattern.setText("(")
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert not dialog.divide_button.isEnabled()


@pytest.mark.parametrize(
    ("choice", "together", "apart"),
    [
        (1, ("a/x1.png", "a/y2.png"), "b/x1.png"),
        (2, ("a/lot7_1.png", "b/lot7_2.png"), "a/lot8_1.png"),
        (3, ("a/s12-1.png", "b/t12_9.png"), "a/s13-1.png"),
    ],
)
def test_that_lots_can_be_named_without_an_expression(
    program_services: ProgramServices,
    qtbot: QtBot,
    choice: int,
    together: tuple[str, str],
    apart: str,
) -> None:
    paths = [*together, apart]
    images = [ImageRecord(number, path, Split.NONE, "") for number, path in enumerate(paths)]
    dialog = SplitsDialog(images, program_services.background)
    qtbot.addWidget(dialog)
    dialog.lots.setCurrentIndex(choice)
    plan = plan_of(dialog, qtbot)
    assert plan.group_count == 1
    assert plan.assigned[0] is plan.assigned[1]


def test_that_what_was_agreed_to_is_stored_and_shown(
    dialog: SplitsDialog, project_services: ProjectServices, qtbot: QtBot
) -> None:
    plan = plan_of(dialog, qtbot)
    with qtbot.waitSignal(project_services.exchange_jobs.divided) as divided:
        project_services.exchange_jobs.divide(plan, dialog.recipe)
    assert divided.args == [plan.moved_count]
    shown = {record.id: record.split for record in project_services.session.images()}
    assert shown == plan.assigned
    assert not project_services.exchange_jobs.is_busy


def test_that_an_expression_without_end_is_told_and_holds_nobody_up(
    dialog: SplitsDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "_LIMIT_S", 0.2)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    dialog._records.append(ImageRecord(99, "a" * 60 + "b", Split.NONE, ""))
    dialog.lots.setCurrentIndex(dialog.lots.count() - 1)
    dialog.pattern.setText(r"^(a+)+$")
    qtbot.waitUntil(lambda: "takes too long" in dialog._about.text(), timeout=20_000)
    assert not dialog.divide_button.isEnabled()
