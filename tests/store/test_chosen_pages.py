"""Pages of files with several, chosen one by one and for many."""

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.edits import AddRegion, RemoveRegion, SetNote, SetPage, UndoStep
from inspector_app.domain.geometry import Box
from inspector_app.domain.jobs import ResultRecord
from inspector_app.domain.tiff_pages import page_path
from inspector_app.store import inspection_results, jobs
from inspector_app.store.annotations import load_document, perform
from inspector_app.store.judgements import last_judgements
from inspector_app.store.pages import choose_where_untouched
from inspector_app.store.project import Project
from tests.store.conftest import ENTRIES

NAMES = [entry.relative_path for entry in ENTRIES]
REGION = Region("r", 1, Box(1, 1, 4, 4), None, Author.HAND)


def pages(project: Project) -> list[int]:
    return [record.page for record in project.images()]


def test_that_no_page_is_chosen_at_first(project: Project) -> None:
    assert pages(project) == [0, 0, 0]


def test_that_a_chosen_page_is_stored_and_names_what_is_opened(project: Project) -> None:
    perform(project, UndoStep(2, "Choose page", (SetPage(0, 3),)))
    record = project.image(2)
    assert (record.page, load_document(project, 2).page) == (3, 3)
    file = project.image_folder / record.relative_path
    assert project.image_path(record) == page_path(file, 3)


def test_that_many_images_get_a_page_at_once(project: Project) -> None:
    assert choose_where_untouched(project, 2, NAMES[:2]) == 2
    assert pages(project) == [2, 2, 0]


def test_that_what_has_the_page_already_is_not_counted(project: Project) -> None:
    choose_where_untouched(project, 2, NAMES[:1])
    assert choose_where_untouched(project, 2, NAMES) == 2


def test_that_images_with_regions_keep_their_page(project: Project) -> None:
    perform(project, UndoStep(1, "Add", (AddRegion(REGION, 0),)))
    assert choose_where_untouched(project, 2, NAMES) == 2
    assert pages(project) == [0, 2, 2]


def test_that_images_whose_regions_may_come_back_keep_their_page(project: Project) -> None:
    perform(project, UndoStep(1, "Add", (AddRegion(REGION, 0),)))
    perform(project, UndoStep(1, "Remove", (RemoveRegion(REGION, 0),)))
    assert choose_where_untouched(project, 2, NAMES[:1]) == 0


def test_that_what_was_undone_elsewhere_is_left_alone(project: Project) -> None:
    perform(project, UndoStep(3, "Change note", (SetNote("", "x"),)))
    choose_where_untouched(project, 2, NAMES)
    assert pages(project) == [2, 2, 0]


def test_that_only_the_judgement_of_the_chosen_page_counts(project: Project) -> None:
    file = project.image_folder / NAMES[0]
    record = jobs.add_inspection(project, run_id="run", source="test", threshold=0.5)
    scores = {page_path(file, 2): 0.9, project.image_folder / NAMES[1]: 0.1}
    inspection_results.add_results(
        project,
        record.id,
        [ResultRecord(str(path), None, "", score, "", 0, 0, "") for path, score in scores.items()],
    )
    choose_where_untouched(project, 2, NAMES[:1])
    assert last_judgements(project) == {NAMES[0]: True, NAMES[1]: False}
