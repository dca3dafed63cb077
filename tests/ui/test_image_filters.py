"""The strip that narrows the list, and the last inspection's word."""

from PySide6.QtGui import QStandardItemModel
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import DefectClass
from inspector_app.domain.dataset import Split
from inspector_app.domain.image_filter import ImageFilter, LabelState, WorkState
from inspector_app.domain.jobs import ResultRecord
from inspector_app.services.session import ProjectSession
from inspector_app.store import inspection_results, jobs
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.pages.dataset import DatasetPage
from inspector_app.ui.panels.image_filters import ImageFilters

WANTED = ImageFilter(
    split=Split.TEST,
    defect_type="crack",
    class_id=2,
    state=LabelState.NG,
    work=WorkState.REJECTED,
    text="a",
)


def filled(qtbot: QtBot) -> ImageFilters:
    filters = ImageFilters()
    qtbot.addWidget(filters)
    filters.set_splits([Split.TRAIN, Split.TEST])
    filters.set_types(["crack", "good"])
    filters.set_classes([DefectClass(1, "dent", "#000000"), DefectClass(2, "pit", "#FFFFFF")])
    return filters


def test_that_every_choice_comes_back(qtbot: QtBot) -> None:
    filters = filled(qtbot)
    with qtbot.waitSignal(filters.changed):
        filters.set_wanted(WANTED)
    assert filters.wanted == WANTED


def test_that_a_choice_survives_other_choices_being_offered(qtbot: QtBot) -> None:
    filters = filled(qtbot)
    filters.set_wanted(WANTED)
    filters.set_types(["blot", "crack"])
    filters.set_classes([DefectClass(2, "deep pit", "#FFFFFF")])
    assert filters.wanted == WANTED


def test_that_what_is_no_longer_there_is_not_asked_for(qtbot: QtBot) -> None:
    filters = filled(qtbot)
    filters.set_wanted(WANTED)
    filters.set_splits([Split.TEST])
    filters.set_classes([])
    assert filters.wanted.split is None
    assert filters.wanted.class_id is None


def test_that_a_choice_of_one_is_not_offered(qtbot: QtBot) -> None:
    filters = filled(qtbot)
    filters.set_types([])
    assert filters.defect_type.isHidden()


def test_that_disagreement_needs_an_inspection(qtbot: QtBot) -> None:
    filters = filled(qtbot)
    model = filters.work.model()
    assert isinstance(model, QStandardItemModel)
    item = model.item(filters.work.findData(WorkState.MISSED))
    assert not item.isEnabled()
    filters.set_judged(is_judged=True, has_names=False)
    assert item.isEnabled()
    assert not model.item(filters.work.findData(WorkState.DISAGREES)).isEnabled()


def test_that_images_the_model_missed_are_listed(
    session: ProjectSession,
    program_services: ProgramServices,
    project_services: ProjectServices,
    qtbot: QtBot,
) -> None:
    missed = next(record for record in session.images() if record.is_defective)
    inspection = jobs.add_inspection(session.project, run_id="r", source="test", threshold=0.5)
    path = str(session.image_path(missed.id))
    results = [ResultRecord(path, True, "", 0.1, "", 0.0, 0.0, "")]
    inspection_results.add_results(session.project, inspection.id, results)
    program, project = program_services, project_services
    page = DatasetPage(session, program.thumbnails, project.judgements, program.background)
    qtbot.addWidget(page)
    with qtbot.waitSignal(project.judgements.changed):
        page.show()
    page.set_filter(ImageFilter(work=WorkState.MISSED))
    assert page.listed_count == 1
    with qtbot.waitSignal(project.judgements.changed):
        project.inspection_jobs.set_threshold(inspection.id, 0.05)
    assert page.listed_count == 0
