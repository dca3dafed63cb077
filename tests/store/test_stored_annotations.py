"""The database under edits always holds what the document holds."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.document import Document
from inspector_app.domain.edits import (
    AddRegion,
    DismissProposal,
    Edit,
    RemoveRegion,
    ReplaceRegion,
    SetVerdict,
    UndoStep,
)
from inspector_app.domain.errors import BadDataError, BugError, DiskFullError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.proposals import Proposal
from inspector_app.store.annotations import add_regions, documents, load_document, perform
from inspector_app.store.project import Project
from tests.store.conftest import ENTRIES
from tests.strategies import edit_sequences

MASK = Mask.from_box(Box(2, 3, 7, 9), height=20, width=30)
BOX_ONLY = Region("b", 2, Box(1, 1, 4, 4), None, Author.IMPORTED, "coco.json", "2026-01-01")
WITH_MASK = Region("m", 1, Box(2, 3, 7, 9), MASK, Author.CLICK_MODEL, "SAM ViT-B", "2026-01-02")


def add(*regions: Region, image_id: int = 1) -> UndoStep:
    edits = tuple(AddRegion(region, position) for position, region in enumerate(regions))
    return UndoStep(image_id, "Add", edits)


@pytest.fixture(scope="module")
def shared_project() -> Iterator[Project]:
    """One project for all examples of a property: making one takes longer than an example."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Project.create(folder / "project", image_folder=folder) as project:
            project.add_images(ENTRIES)
            with project.transaction():
                project.add_class("dent")
                project.add_class("scratch")
            yield project


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=edit_sequences())
def test_that_storing_edits_gives_the_same_as_applying_them(
    shared_project: Project, sequence: tuple[Document, list[Edit]]
) -> None:
    document, edits = sequence
    project = shared_project
    with project.transaction() as connection:
        connection.execute("DELETE FROM regions")
        connection.execute("DELETE FROM dismissals")
        connection.execute("UPDATE images SET verdict = NULL, review = 'todo', note = ''")
    perform(project, add(*document.regions))
    assert load_document(project, 1) == document
    done: list[UndoStep] = []
    for edit in edits:
        done.append(UndoStep(1, "Edit", (edit,)))
        document = document.apply(edit)
        perform(project, done[-1])
        assert load_document(project, 1) == document
    for step in reversed(done):
        perform(project, step.inverse())
    assert load_document(project, 1) == sequence[0]


def test_that_a_region_comes_back_as_it_was(project: Project) -> None:
    perform(project, add(BOX_ONLY, WITH_MASK))
    assert load_document(project, 1) == Document(1, (BOX_ONLY, WITH_MASK))
    assert load_document(project, 2) == Document(2)
    assert [image.region_count for image in project.images()] == [2, 0, 0]
    assert project.image(1).region_count == 2


def test_that_a_step_of_many_edits_and_its_inverse_are_stored_whole(project: Project) -> None:
    perform(project, add(BOX_ONLY))
    step = UndoStep(
        1,
        "Tidy",
        (
            AddRegion(WITH_MASK, 0),
            ReplaceRegion(BOX_ONLY, BOX_ONLY.with_class(1)),
            SetVerdict(None, ImageVerdict.NG),
            RemoveRegion(WITH_MASK, 0),
        ),
    )
    perform(project, step)
    expected = Document(1, (BOX_ONLY.with_class(1),), ImageVerdict.NG)
    assert load_document(project, 1) == expected
    perform(project, step.inverse())
    assert load_document(project, 1) == Document(1, (BOX_ONLY,))


@pytest.mark.parametrize(
    ("image_id", "edit"),
    [
        (1, AddRegion(BOX_ONLY, 1)),
        (1, AddRegion(WITH_MASK.with_class(77), 1)),
        (99, AddRegion(WITH_MASK, 0)),
        (1, RemoveRegion(WITH_MASK, 0)),
        (1, ReplaceRegion(WITH_MASK, WITH_MASK.with_class(2))),
        (99, SetVerdict(None, ImageVerdict.OK)),
    ],
    ids=[
        "region twice",
        "unknown class",
        "region on an unknown image",
        "removed already",
        "replaced after removal",
        "verdict on an unknown image",
    ],
)
def test_that_an_edit_of_another_state_stores_nothing_of_its_step(
    project: Project, image_id: int, edit: Edit
) -> None:
    perform(project, add(BOX_ONLY))
    before = load_document(project, 1)
    first = SetVerdict(None, ImageVerdict.NG)
    edits = (first, edit) if image_id == 1 else (edit,)
    with pytest.raises(BugError):
        perform(project, UndoStep(image_id, "Wrong", edits))
    assert load_document(project, 1) == before


def test_that_a_full_disk_stores_nothing_of_a_step(project: Project) -> None:
    perform(project, add(BOX_ONLY))
    (pages,) = project.connection.execute("PRAGMA page_count").fetchone()
    project.connection.execute(f"PRAGMA max_page_count = {pages}")
    large = Region("l", 1, Box(0, 0, 1, 1), None, Author.HAND, "x" * 100_000)
    with pytest.raises(DiskFullError):
        perform(project, UndoStep(1, "Add", (AddRegion(WITH_MASK, 1), AddRegion(large, 2))))
    assert load_document(project, 1) == Document(1, (BOX_ONLY,))


def test_that_a_reader_stores_nothing(project: Project) -> None:
    with Project.open(project.folder) as reader, pytest.raises(BadDataError, match="read-only"):
        perform(reader, add(BOX_ONLY))


def test_that_imported_regions_come_after_those_that_are_there(project: Project) -> None:
    perform(project, add(WITH_MASK, image_id=2))
    imported = [
        Region(f"i{number}", 1, Box(number, 0, number + 1, 1), None, Author.IMPORTED)
        for number in range(4)
    ]
    count = add_regions(project, zip((2, 1, 2, 1), imported, strict=True))
    assert count == 4
    assert load_document(project, 1).regions == (imported[1], imported[3])
    assert load_document(project, 2).regions == (WITH_MASK, imported[0], imported[2])


def test_that_an_import_that_fails_leaves_nothing(project: Project) -> None:
    def two_then_stop() -> Iterator[tuple[int, Region]]:
        yield 1, BOX_ONLY
        yield 1, WITH_MASK
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        add_regions(project, two_then_stop())
    assert load_document(project, 1) == Document(1)


def test_that_an_empty_import_is_no_fault(project: Project) -> None:
    assert add_regions(project, []) == 0


def test_that_all_documents_are_those_of_each_image(project: Project) -> None:
    seen = Proposal("dent", 0.5, Box(0, 0, 2, 2))
    perform(project, add(BOX_ONLY, WITH_MASK))
    perform(
        project, UndoStep(2, "Judge", (SetVerdict(None, ImageVerdict.OK), DismissProposal(seen)))
    )
    expected = [load_document(project, image.id) for image in project.images()]
    assert list(documents(project)) == expected
    assert expected[1].dismissed == {seen}
