"""The dataset page lists, narrows and counts the images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.domain.image_counts import count_images
from inspector_app.domain.image_filter import ImageFilter, LabelState
from inspector_app.services.session import ProjectSession
from inspector_app.ui.context import ProgramServices, ProjectServices
from inspector_app.ui.models.image_list import RECORD_ROLE, THUMBNAIL_ROLE
from inspector_app.ui.pages.dataset import DatasetPage, describe_counts
from inspector_app.ui.pages.next_to_open import NextToOpen

records = st.builds(
    ImageRecord,
    id=st.integers(1, 10**6),
    relative_path=st.text("abc/.", min_size=1),
    split=st.sampled_from(Split),
    defect_type=st.sampled_from(["", "good", "scratch", "dent"]),
    verdict=st.sampled_from([None, *ImageVerdict]),
    region_count=st.integers(0, 3),
)


@pytest.fixture
def page(
    project_services: ProjectServices, program_services: ProgramServices, qtbot: QtBot
) -> DatasetPage:
    program, project = program_services, project_services
    page = DatasetPage(project.session, program.thumbnails, project.judgements, program.background)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    qtbot.waitExposed(page)
    return page


def listed_names(page: DatasetPage) -> list[str]:
    model = page.grid.model()
    rows = range(model.rowCount())
    return [model.index(row, 0).data(RECORD_ROLE).relative_path for row in rows]


def test_that_the_image_chosen_is_decoded_before_it_is_opened(
    page: DatasetPage, session: ProjectSession, program_services: ProgramServices, qtbot: QtBot
) -> None:
    images = program_services.images
    NextToOpen(page, session, images)
    page.grid.setCurrentIndex(page.grid.model().index(3, 0))
    wanted = session.image_path(session.images()[3].id)
    qtbot.waitUntil(lambda: images.cached(wanted) is not None)


def test_that_the_images_passed_over_are_not_decoded(
    page: DatasetPage, session: ProjectSession, program_services: ProgramServices, qtbot: QtBot
) -> None:
    images = program_services.images
    NextToOpen(page, session, images)
    for row in (1, 2, 3):
        page.grid.setCurrentIndex(page.grid.model().index(row, 0))
    paths = [session.image_path(record.id) for record in session.images()]
    qtbot.waitUntil(lambda: images.cached(paths[3]) is not None)
    assert images.cached(paths[1]) is None
    assert images.cached(paths[2]) is None


def test_that_an_image_opened_at_once_is_decoded_at_once(
    page: DatasetPage, session: ProjectSession, program_services: ProgramServices, qtbot: QtBot
) -> None:
    NextToOpen(page, session, program_services.images)
    index = page.grid.model().index(2, 0)
    page.grid.setCurrentIndex(index)
    page.grid.activated.emit(index)
    page.hide()
    wanted = session.image_path(session.images()[2].id)
    qtbot.waitUntil(lambda: program_services.images.cached(wanted) is not None)


def test_that_a_listed_image_can_be_chosen_but_not_edited_or_dragged(page: DatasetPage) -> None:
    flags = page.grid.model().index(0, 0).flags()
    assert flags & Qt.ItemFlag.ItemIsSelectable
    assert not flags & (Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled)


def test_that_every_image_is_listed(page: DatasetPage, session: ProjectSession) -> None:
    assert listed_names(page) == [record.relative_path for record in session.images()]


def test_that_a_split_narrows_the_list(page: DatasetPage) -> None:
    page.set_filter(ImageFilter(split=Split.TRAIN))
    assert {name.split("/")[0] for name in listed_names(page)} == {"train"}
    assert page.listed_count == 6


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (LabelState.GOOD, 9),
        (LabelState.DEFECTIVE, 2),
        (LabelState.WITHOUT_REGIONS, 2),
        (LabelState.WITH_REGIONS, 0),
        (LabelState.UNKNOWN, 0),
    ],
)
def test_that_a_state_narrows_the_list(page: DatasetPage, state: LabelState, count: int) -> None:
    page.set_filter(ImageFilter(state=state))
    assert page.listed_count == count


def test_that_filters_are_joined(page: DatasetPage) -> None:
    page.set_filter(ImageFilter(defect_type="scratch", text="001"))
    assert listed_names(page) == ["test/scratch/001.png"]


def test_that_typing_narrows_the_list(page: DatasetPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.filters.text, "SCRATCH")
    qtbot.waitUntil(lambda: page.listed_count == 2)


def test_that_everything_can_be_shown_again(page: DatasetPage, session: ProjectSession) -> None:
    page.set_filter(ImageFilter(state=LabelState.UNSURE))
    assert page.listed_count == 0
    page.filters.clear_button.click()
    assert page.listed_count == len(session.images())


def test_that_enter_asks_for_the_image(
    page: DatasetPage, session: ProjectSession, qtbot: QtBot
) -> None:
    page.grid.setCurrentIndex(page.grid.model().index(3, 0))
    with qtbot.waitSignal(page.image_activated) as asked:
        qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert asked.args == [session.images()[3].id]


def test_that_a_verdict_shows_at_once(page: DatasetPage, session: ProjectSession) -> None:
    first = session.images()[0]
    session.set_current_image(first.id)
    session.set_verdict(ImageVerdict.NG)
    index = page.grid.model().index(0, 0)
    assert index.data(RECORD_ROLE).verdict is ImageVerdict.NG


def test_that_the_selection_outlives_a_filter(page: DatasetPage, session: ProjectSession) -> None:
    wanted = next(r for r in session.images() if r.relative_path == "test/scratch/001.png")
    row = listed_names(page).index(wanted.relative_path)
    page.grid.setCurrentIndex(page.grid.model().index(row, 0))
    page.set_filter(ImageFilter(defect_type="scratch"))
    assert page.grid.currentIndex().data(RECORD_ROLE).id == wanted.id


def test_that_thumbnails_arrive(page: DatasetPage, qtbot: QtBot) -> None:
    index = page.grid.model().index(0, 0)
    qtbot.waitUntil(lambda: index.data(THUMBNAIL_ROLE) is not None)
    assert not index.data(THUMBNAIL_ROLE).isNull()


def test_that_cards_fill_the_width(page: DatasetPage) -> None:
    width = page.grid.viewport().width()
    cell = page.grid.gridSize().width()
    assert 0 <= width - width // cell * cell < width // cell + 1


def test_that_the_dataset_is_described_in_lines(session: ProjectSession) -> None:
    assert describe_counts(session.counts) == "11 images\n6 train · 5 test\n2 defective"


@given(st.lists(records))
def test_that_every_image_counts_once_among_the_types(images: list[ImageRecord]) -> None:
    assert sum(count.total for count in count_images(images).types) == len(images)


@given(records)
def test_that_an_image_is_good_defective_or_unknown(record: ImageRecord) -> None:
    states = (LabelState.GOOD, LabelState.DEFECTIVE, LabelState.UNKNOWN)
    assert sum(len(ImageFilter(state=state).apply([record])) for state in states) == 1
