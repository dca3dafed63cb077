"""The studies dialog: a question is chosen, trainings are queued, and what they say is shown."""

from pathlib import Path

import pytest
from predicted import prediction, write_predictions
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.jobs import JobState
from inspector_app.domain.study import StudyPlan, Variant
from inspector_app.domain.study_templates import TEMPLATES
from inspector_app.services.studies import add_study, save_study
from inspector_app.store import jobs
from inspector_app.store.project import Project
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.dialogs.new_study import NewStudyDialog
from inspector_app.ui.dialogs.studies import StudiesDialog

PLAN = StudyPlan(
    "Rare types",
    "Which method helps rare types most?",
    (
        Variant("as they are", "classifier", {}),
        Variant("focal", "classifier", {"imbalance": "focal"}),
    ),
)


@pytest.fixture
def dialog(
    program_services: ProgramServices, project_services: ProjectServices, qtbot: QtBot
) -> StudiesDialog:
    dialog = StudiesDialog(project_services, program_services.background, shared=dict)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def shown(dialog: StudiesDialog) -> list[list[str]]:
    model = dialog.model
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def add_recognised(project: Project, calls: list[str]) -> str:
    """Enter a finished classifier that called twenty dents like this, and return its id."""
    record = jobs.add_run(project, model_kind="classifier", config={})
    jobs.update_run(project, record.id, state=JobState.COMPLETED, metrics={"val_loss": 0.5})
    folder = jobs.run_folder(project, record)
    folder.mkdir(parents=True)
    write_predictions(folder, [prediction(f"{n}.png", "dent", c) for n, c in enumerate(calls)])
    return record.id


def test_that_a_study_shows_what_its_trainings_say(
    dialog: StudiesDialog, project: Project, qtbot: QtBot
) -> None:
    study = add_study(project.folder, PLAN)
    bad = add_recognised(project, ["good"] * 20)
    good = add_recognised(project, ["dent"] * 20)
    save_study(project.folder, study.with_run(0, bad).with_run(1, good))
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2)
    rows = shown(dialog)
    assert rows[0][:2] == ["as they are", "1 of 1"]
    assert rows[1][2] == "100 % (84–100 %)"
    assert "Accuracy: focal is better than as they are" in dialog.conclusions
    assert "Never learned: dent" in dialog.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert dialog.model.index(1, 2).data(Qt.ItemDataRole.FontRole).bold()


def test_that_an_unfinished_study_can_be_continued(
    dialog: StudiesDialog, project_services: ProjectServices, qtbot: QtBot
) -> None:
    study = add_study(project_services.session.folder, PLAN)
    dialog.refresh()
    qtbot.waitUntil(dialog.continue_button.isEnabled)
    with qtbot.waitSignal(project_services.study_jobs.changed):
        dialog.continue_button.click()
    active = project_services.study_jobs.active
    assert active is not None
    assert active.id == study.id
    qtbot.waitUntil(dialog.stop_button.isEnabled)
    assert not dialog.delete_button.isEnabled()


def test_that_a_deleted_study_leaves_the_list(
    dialog: StudiesDialog, project: Project, qtbot: QtBot
) -> None:
    add_study(project.folder, PLAN)
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    dialog.delete_button.click()
    qtbot.waitUntil(lambda: dialog.list.count() == 0)


@pytest.mark.parametrize("suffix", ["csv", "html"])
def test_that_the_table_is_exported(
    dialog: StudiesDialog, project: Project, tmp_path: Path, qtbot: QtBot, suffix: str
) -> None:
    add_study(project.folder, PLAN)
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 2)
    target = tmp_path / f"study.{suffix}"
    dialog.export(target)
    qtbot.waitUntil(target.exists)
    assert "focal" in target.read_text(encoding="utf-8-sig")


def test_that_a_damaged_study_is_named(
    dialog: StudiesDialog, project: Project, qtbot: QtBot
) -> None:
    add_study(project.folder, PLAN)
    (project.folder / "studies" / "0-bad.json").write_text("{}")
    dialog.refresh()
    qtbot.waitUntil(lambda: "0-bad.json" in dialog.message)
    assert dialog.list.count() == 1


def test_that_a_new_study_says_how_much_it_is(qtbot: QtBot) -> None:
    dialog = NewStudyDialog({"epochs": 3})
    qtbot.addWidget(dialog)
    template = TEMPLATES["imbalance"]
    dialog.question.setCurrentIndex(dialog.question.findData("imbalance"))
    assert dialog.variants.count() == len(template.variants)
    dialog.repeats.setValue(2)
    assert len(dialog.plan.trials) == 2 * len(template.variants)
    assert all(trial.settings["epochs"] == 3 for trial in dialog.plan.trials)
