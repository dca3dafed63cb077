"""The page of a file with several, chosen above the canvas."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hand import Hand, add_region, mask_of, stored
from pytestqt.qtbot import QtBot

from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.geometry import Box
from inspector_app.services.session import ProjectSession
from inspector_app.store.project import Project
from inspector_app.ui.pages.annotate import AnnotatePage
from inspector_app.ui.panels.page_bar import PageBar

GREYS = (40, 120, 200)
SIZES = ((60, 80), (90, 70), (60, 80))
"""Height and width of each page."""


@pytest.fixture
def image_folder(image_folder: Path) -> Path:
    """The images of the page's other tests, two files of three pages and one of two."""
    for name, pages in (("a.tif", 3), ("b.tif", 3), ("two.tif", 2)):
        with tifffile.TiffWriter(image_folder / name) as file:
            for grey, size in list(zip(GREYS, SIZES, strict=True))[:pages]:
                file.write(np.full(size, grey, np.uint8), photometric="minisblack")
    return image_folder


@pytest.fixture
def project(project: Project) -> Project:
    project.add_images([ImageEntry(name, Split.NONE, "") for name in ("a.tif", "b.tif", "two.tif")])
    return project


@pytest.fixture
def bar(page: AnnotatePage, hand: Hand, qtbot: QtBot) -> PageBar:
    """With the first file of three pages shown."""
    hand.go_to("a.tif")
    bar = page._pages.bar
    qtbot.waitUntil(bar.isVisible)
    return bar


@pytest.fixture
def hand(page: AnnotatePage, qtbot: QtBot) -> Hand:
    return Hand(page, qtbot)


def choose(bar: PageBar, page: int) -> None:
    bar.pages.setCurrentIndex(page - 1)
    bar.pages.activated.emit(page - 1)


def shown_grey(page: AnnotatePage) -> int:
    image = page.canvas._backdrop.picture
    assert image is not None
    pixels = image.pixels(Box(0, 0, 1, 1))
    assert pixels is not None
    return int(pixels[0, 0, 0])


def page_of(session: ProjectSession, name: str) -> int:
    return next(record.page for record in session.images() if record.name == name)


def test_that_a_file_of_several_pages_asks_which(bar: PageBar) -> None:
    assert bar.text == "a.tif has 3 pages: which one is to be worked on?"
    assert bar.pages.count() == 3
    assert bar.keep.isVisible()


def test_that_other_files_do_not_ask(bar: PageBar, hand: Hand) -> None:
    hand.go_to("1.png")
    assert bar.isHidden()


def test_that_the_chosen_page_comes_to_the_canvas(
    bar: PageBar, page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    choose(bar, 2)
    hand.wait_for_image()
    assert shown_grey(page) == GREYS[1]
    assert page.editing.image_size.toTuple() == SIZES[1][::-1]
    assert (stored(session).page, page_of(session, "a.tif")) == (2, 2)
    assert bar.text == "Page 2 of a.tif is worked on."


def test_that_the_first_page_can_be_kept(bar: PageBar, session: ProjectSession) -> None:
    bar.keep.click()
    assert stored(session).page == 1
    assert bar.keep.isHidden()


def test_that_the_choice_can_be_undone(
    bar: PageBar, page: AnnotatePage, session: ProjectSession, hand: Hand
) -> None:
    choose(bar, 3)
    hand.wait_for_image()
    session.undo()
    hand.wait_for_image()
    assert shown_grey(page) == GREYS[0]
    assert bar.pages.currentIndex() == 0


def test_that_a_page_with_regions_stays(
    bar: PageBar, page: AnnotatePage, session: ProjectSession
) -> None:
    add_region(session, "r", mask_of(Box(1, 1, 5, 5)))
    assert not bar.pages.isEnabled()
    assert not page._pages._choice.choose(2)
    assert stored(session).page == 0


def test_that_all_files_of_as_many_pages_can_have_it(
    bar: PageBar, page: AnnotatePage, session: ProjectSession, qtbot: QtBot
) -> None:
    bar.pages.setCurrentIndex(2)
    with qtbot.waitSignal(page._pages.told) as told:
        bar.for_all.click()
    assert [page_of(session, name) for name in ("a.tif", "b.tif", "two.tif")] == [3, 3, 0]
    assert told.args[0].startswith("1 other files")


def test_that_a_thumbnail_shows_the_chosen_page(
    bar: PageBar, page: AnnotatePage, session: ProjectSession, qtbot: QtBot
) -> None:
    choose(bar, 3)
    record = session.current_image
    assert record is not None
    thumbnails, path = page._model._thumbnails, session.image_path(record.id)
    qtbot.waitUntil(lambda: thumbnails.thumbnail(path) is not None)
    image = thumbnails.thumbnail(path)
    assert image is not None
    assert abs(image.pixelColor(5, 5).red() - GREYS[2]) < 4
