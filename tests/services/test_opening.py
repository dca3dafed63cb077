"""From a folder of photos to a project."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector_app import paths
from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.opencv import cv2
from inspector_app.services import opening
from inspector_app.services.opening import (
    REMARKS_KEY,
    create_project,
    import_ground_truth,
    project_for_images,
    scan_images,
)
from inspector_app.store import annotations
from inspector_app.store.project import Project, is_project_folder

WriteImage = Callable[..., Path]


def write_mask(path: Path, *, box: Box | None = None, width: int = 48, height: int = 32) -> Path:
    pixels = np.zeros((height, width), np.uint8)
    if box is not None:
        pixels[box.top : box.bottom, box.left : box.right] = 255
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def paths_in(folder: Path) -> list[str]:
    return [entry.relative_path for entry in scan_images(folder).entries]


@pytest.fixture
def mvtec(image_folder: Path) -> Path:
    """`image_folder` with a mask for both scratched parts."""
    for number in range(2):
        write_mask(image_folder / f"ground_truth/scratch/{number:03}_mask.png", box=Box(4, 4, 9, 8))
    return image_folder


@pytest.fixture
def opened(tmp_path: Path, mvtec: Path) -> Project:
    with create_project(tmp_path / "opened", mvtec) as project:
        yield project


# ---------------------------------------------------------------- where projects lie


def test_that_a_folder_always_has_the_same_project(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert project_for_images(tmp_path / "sub" / "..") == project_for_images(tmp_path)


def test_that_folders_of_one_name_have_different_projects(tmp_path: Path) -> None:
    assert project_for_images(tmp_path / "a/bottle") != project_for_images(tmp_path / "b/bottle")


@pytest.mark.parametrize(
    ("name", "readable"),
    [("Flasche groß", "Flasche-groß-"), ("a:b*c", "a-b-c-"), ("...", "images-"), ("x" * 200, "x")],
)
def test_that_a_project_is_called_like_its_images(tmp_path: Path, name: str, readable: str) -> None:
    folder = project_for_images(tmp_path / name)
    assert folder.parent == paths.projects_folder()
    assert folder.name.startswith(readable)
    assert len(folder.name) < 80


# ---------------------------------------------------------------- scan


def test_that_hidden_files_and_folders_are_passed_over(
    tmp_path: Path, write_image: WriteImage
) -> None:
    for name in ("a.png", "._a.png", ".thumbnails/a.png"):
        write_image(tmp_path / name)
    assert paths_in(tmp_path) == ["a.png"]


@pytest.mark.parametrize(
    ("project", "skipped"),
    [("work", ["work/a.png"]), (".", ["runs/a.png", "inspections/a.png", "backups/a.png"])],
)
def test_that_the_files_of_a_project_are_no_photos(
    tmp_path: Path, write_image: WriteImage, project: str, skipped: list[str]
) -> None:
    for name in ("sub/b.png", *skipped):
        write_image(tmp_path / name)
    (tmp_path / project / "project.db").touch()
    assert paths_in(tmp_path) == ["sub/b.png"]


def test_that_links_round_in_a_circle_end(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "in/a.png")
    (tmp_path / "in/again").symlink_to(tmp_path / "in")
    (tmp_path / "in/up").symlink_to(tmp_path)
    (tmp_path / "in/self").symlink_to(tmp_path / "in/self")
    assert paths_in(tmp_path / "in") == ["a.png"]


def test_that_a_linked_folder_is_entered_once(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "elsewhere/a.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/first").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/second").symlink_to(tmp_path / "elsewhere")
    assert len(paths_in(tmp_path / "in")) == 1


@pytest.mark.skipif(os.name != "posix", reason="such names exist on Linux only")
def test_that_a_name_that_is_no_text_is_a_remark(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "ü.png")
    try:
        (tmp_path / os.fsdecode(b"\xff.png")).touch()
    except OSError:
        pytest.skip("this file system takes text only")
    listing = scan_images(tmp_path)
    assert [entry.relative_path for entry in listing.entries] == ["ü.png"]
    assert "no valid text" in listing.remarks[0]


def test_that_a_folder_that_cannot_be_listed_is_a_remark(
    tmp_path: Path, write_image: WriteImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_image(tmp_path / "a.png")
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def refuse(folder: str) -> object:
        if folder.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    # Taken back before the temporary folder is cleared, which lists folders as well.
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        listing = scan_images(tmp_path)
    assert len(listing.entries) == 1
    assert listing.remarks == ("locked/: cannot be listed (Permission denied)",)


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="gone: no such folder"):
        scan_images(tmp_path / "gone")


def test_that_pngs_beside_every_jpeg_are_masks(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("MT_Fray/Imgs/a", "MT_Free/Imgs/b"):
        write_image(tmp_path / f"{name}.jpg")
        write_mask(tmp_path / f"{name}.png")
    listing = scan_images(tmp_path)
    assert [(entry.relative_path, entry.mask_path) for entry in listing.entries] == [
        ("MT_Fray/Imgs/a.jpg", "MT_Fray/Imgs/a.png"),
        ("MT_Free/Imgs/b.jpg", "MT_Free/Imgs/b.png"),
    ]
    assert len(listing.remarks) == 1


@pytest.mark.parametrize("odd", ["lone.png", "lone.jpg"])
def test_that_pngs_beside_some_jpegs_are_photos(
    tmp_path: Path, write_image: WriteImage, odd: str
) -> None:
    write_image(tmp_path / "a.jpg")
    write_mask(tmp_path / "a.png")
    write_image(tmp_path / odd)
    assert len(paths_in(tmp_path)) == 3


def test_that_pngs_and_jpegs_of_other_names_are_photos(
    tmp_path: Path, write_image: WriteImage
) -> None:
    write_image(tmp_path / "a.jpg")
    write_mask(tmp_path / "b.png")
    assert paths_in(tmp_path) == ["a.jpg", "b.png"]


def test_that_coloured_pngs_beside_jpegs_are_photos(
    tmp_path: Path, write_image: WriteImage
) -> None:
    write_image(tmp_path / "a.jpg")
    write_image(tmp_path / "a.png")
    assert paths_in(tmp_path) == ["a.jpg", "a.png"]


def test_that_broken_pngs_beside_jpegs_are_photos(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "a.jpg")
    (tmp_path / "a.png").write_bytes(b"broken")
    assert paths_in(tmp_path) == ["a.jpg", "a.png"]


# ---------------------------------------------------------------- the project


def test_that_a_project_has_the_images_with_split_and_type(opened: Project) -> None:
    record = opened.image_by_path("test/scratch/000.png")
    assert record is not None
    assert (record.split, record.defect_type) == (Split.TEST, "scratch")
    assert len(opened.images()) == 10


def test_that_there_is_a_class_for_each_defect_type(opened: Project) -> None:
    assert [defect_class.name for defect_class in opened.classes()] == ["scratch"]


def test_that_what_is_odd_about_the_folder_stays_with_the_project(
    tmp_path: Path, image_folder: Path
) -> None:
    with create_project(tmp_path / "opened", image_folder) as project:
        remarks = project.remarks
        assert json.loads(project.meta(REMARKS_KEY)) == remarks
    assert remarks[0].startswith("test/scratch/000.png: no mask")


def test_that_a_folder_without_images_makes_no_project(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadDataError, match="no images"):
        create_project(tmp_path / "opened", tmp_path / "empty")
    assert not (tmp_path / "opened").exists()


def test_that_no_half_made_project_remains(
    tmp_path: Path, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_project: Project, _name: str) -> None:
        raise MemoryError

    monkeypatch.setattr(Project, "add_class", fail)
    with pytest.raises(MemoryError):
        create_project(tmp_path / "opened", image_folder)
    assert not is_project_folder(tmp_path / "opened")


# ---------------------------------------------------------------- its masks


def test_that_masks_become_regions_of_the_class_of_their_folder(opened: Project) -> None:
    assert import_ground_truth(opened) == []
    record = opened.image_by_path("test/scratch/001.png")
    assert record is not None
    (region,) = annotations.load_document(opened, record.id).regions
    assert region.mask is not None
    assert (region.box, region.mask.area) == (Box(4, 4, 9, 8), 20)
    assert (region.class_id, region.author) == (opened.classes()[0].id, Author.IMPORTED)
    assert region.author_detail == "ground_truth/scratch/001_mask.png"


def test_that_masks_are_not_taken_twice(opened: Project) -> None:
    import_ground_truth(opened)
    import_ground_truth(opened)
    assert sum(record.region_count for record in opened.images()) == 2


def test_that_what_the_operator_draws_meanwhile_is_left_alone(
    opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = opened.image_by_path("test/scratch/000.png")
    assert record is not None
    mine = Region("mine", opened.classes()[0].id, Box(0, 0, 2, 2), None, Author.HAND)
    read_mask = opening._read_mask

    def draw_while_reading(*arguments: object) -> object:
        if not opened.image(record.id).region_count:
            annotations.add_regions(opened, [(record.id, mine)])
        return read_mask(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "_read_mask", draw_while_reading)
    import_ground_truth(opened)
    assert annotations.load_document(opened, record.id).regions == (mine,)


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (write_mask, "the mask is empty"),
        (lambda path: write_mask(path, box=Box(0, 0, 5, 5), width=99), "the mask is 99×32 px"),
        (lambda path: path.write_bytes(b"broken"), "not an image"),
    ],
)
def test_that_a_bad_mask_is_a_remark_and_stops_nothing(
    opened: Project, mvtec: Path, spoil: Callable[[Path], object], remark: str
) -> None:
    spoil(mvtec / "ground_truth/scratch/000_mask.png")
    (found,) = import_ground_truth(opened)
    assert found.startswith("ground_truth/scratch/000_mask.png: ")
    assert remark in found
    assert sum(record.region_count for record in opened.images()) == 1


def test_that_what_was_imported_before_a_stop_stays(
    opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "_BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        import_ground_truth(opened, progress=stop)
    assert sum(record.region_count for record in opened.images()) == 1


def test_that_the_progress_is_told_batch_by_batch(
    opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(opening, "_BATCH", 1)
    import_ground_truth(opened, progress=lambda *call: calls.append(call))
    assert calls == [(1, 2), (2, 2)]


def test_that_masks_beside_their_images_become_regions_of_their_folders_class(
    tmp_path: Path, write_image: WriteImage
) -> None:
    write_image(tmp_path / "in/MT_Fray/Imgs/a.jpg")
    write_mask(tmp_path / "in/MT_Fray/Imgs/a.png", box=Box(0, 0, 5, 5))
    with create_project(tmp_path / "opened", tmp_path / "in") as project:
        assert import_ground_truth(project) == []
        assert [defect_class.name for defect_class in project.classes()] == ["MT_Fray"]


def test_that_empty_masks_beside_their_images_are_counted(
    tmp_path: Path, write_image: WriteImage
) -> None:
    for name in ("MT_Fray/Imgs/a", "MT_Free/Imgs/b", "MT_Free/Imgs/c"):
        write_image(tmp_path / f"in/{name}.jpg")
        write_mask(tmp_path / f"in/{name}.png", box=Box(0, 0, 5, 5) if "Fray" in name else None)
    with create_project(tmp_path / "opened", tmp_path / "in") as project:
        (remark,) = import_ground_truth(project)
    assert remark.endswith(": 2")
