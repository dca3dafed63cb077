"""Import into and export from a project."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inspector_app.domain.annotation import Author, Region
from inspector_app.domain.dataset import ImageEntry, Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImagePlacement, ImportedImage, ImportedRegion, ImportPlan
from inspector_app.services import exchange
from inspector_app.services.exchange import (
    EXPORT_FORMATS,
    export_project,
    perform_import,
    plan_import,
    preview_import,
)
from inspector_app.store import annotations
from inspector_app.store.pages import choose_where_untouched
from inspector_app.store.project import Project

FIRST = "test/scratch/000.png"
WIDTH, HEIGHT = 48, 32


def mask(*, left: int = 4, width: int = WIDTH) -> Mask:
    array = np.zeros((HEIGHT, width), bool)
    array[4:9, left : left + 5] = True
    array[6, left + 2] = False
    return Mask.from_array(array)


def add(project: Project, path: str, *contents: Mask | Box, class_id: int = 1) -> None:
    record = project.image_by_path(path)
    assert record is not None
    regions = []
    for number, content in enumerate(contents):
        box = content.box if isinstance(content, Mask) else content
        assert box is not None
        found = content if isinstance(content, Mask) else None
        regions.append((record.id, Region(f"{path}{number}", class_id, box, found, Author.HAND)))
    annotations.add_regions(project, regions)


def regions_of(project: Project, path: str = FIRST) -> tuple[Region, ...]:
    record = project.image_by_path(path)
    assert record is not None
    return annotations.load_document(project, record.id).regions


def contents(project: Project) -> set[tuple[str, int, Box, Mask | None]]:
    return {
        (record.relative_path, region.class_id, region.box, region.mask)
        for record in project.images()
        for region in annotations.load_document(project, record.id).regions
    }


def second_project(tmp_path: Path, project: Project) -> Project:
    """Return a project of the same images without any region or class."""
    other = Project.create(tmp_path / "second", image_folder=project.image_folder)
    other.connection.executescript(
        f"ATTACH '{project.folder / 'project.db'}' AS first;"
        "INSERT INTO images SELECT * FROM first.images; DETACH first;"
    )
    return other


# ---------------------------------------------------------------- export


@pytest.mark.parametrize(("format_name", "imported_as"), [("coco", "coco"), ("masks", "masks")])
def test_that_everything_reaches_another_project(
    tmp_path: Path, project: Project, format_name: str, imported_as: str
) -> None:
    add(project, FIRST, mask(), mask(left=20))
    add(project, "test/scratch/001.png", mask(left=9), class_id=2)
    export_project(project, format_name, tmp_path / "out")
    with second_project(tmp_path, project) as other:
        perform_import(other, plan_import(other, imported_as, tmp_path / "out"))
        assert contents(other) == contents(project)


def test_that_boxes_reach_another_project_through_yolo(tmp_path: Path, project: Project) -> None:
    add(project, FIRST, Box(3, 5, 20, 31), Box(0, 0, WIDTH, HEIGHT))
    export_project(project, "yolo-detect", tmp_path / "out")
    with second_project(tmp_path, project) as other:
        perform_import(other, plan_import(other, "yolo", tmp_path / "out"))
        assert contents(other) == contents(project)


@pytest.mark.parametrize("format_name", ["masks", "mvtec"])
def test_that_an_image_too_large_for_a_picture_of_its_pixels_is_left_out(
    tmp_path: Path, project: Project, format_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(project, FIRST, mask())
    monkeypatch.setattr(exchange, "_LARGEST_MASK_PX", WIDTH * HEIGHT - 1)
    report = export_project(project, format_name, tmp_path / "out")
    assert report.image_count == 0
    assert any("too large for this format" in remark for remark in report.remarks)


@pytest.mark.parametrize("format_name", EXPORT_FORMATS)
def test_that_an_image_that_cannot_be_read_is_a_remark(
    tmp_path: Path, project: Project, format_name: str
) -> None:
    add(project, FIRST, mask())
    (project.image_folder / "test/scratch/001.png").unlink()
    (project.image_folder / "test/good/001.png").write_bytes(b"broken")
    report = export_project(project, format_name, tmp_path / "out")
    assert report.image_count == 8
    named = [remark for remark in report.remarks if remark.endswith("left out")]
    assert ["good/001.png" in named[0], "scratch/001.png" in named[1]] == [True, True]


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        (mask(width=99), "was drawn on an image of another size"),
        (Box(500, 500, 510, 510), "lies outside the image"),
    ],
)
def test_that_a_region_that_does_not_fit_the_image_is_a_remark(
    tmp_path: Path, project: Project, content: Mask | Box, remark: str
) -> None:
    add(project, FIRST, content)
    report = export_project(project, "coco", tmp_path / "out")
    assert report.region_count == 0
    assert report.remarks == (f"{FIRST}: region 1 {remark}; left out",)


def test_that_a_box_is_clipped_to_the_image(tmp_path: Path, project: Project) -> None:
    add(project, FIRST, Box(40, 20, 100, 100))
    export_project(project, "coco", tmp_path / "out")
    written = json.loads((tmp_path / "out/annotations.json").read_text())
    assert written["annotations"][0]["bbox"] == [40, 20, 8, 12]


def test_that_a_project_without_any_readable_image_is_refused(
    tmp_path: Path, project: Project
) -> None:
    for record in project.images():
        project.image_path(record).unlink()
    with pytest.raises(BadDataError, match="no image can be read"):
        export_project(project, "coco", tmp_path / "out")


def test_that_images_are_where_they_were_asked_to_be(tmp_path: Path, project: Project) -> None:
    export_project(project, "coco", tmp_path / "out", placement=ImagePlacement.HARD_LINK)
    assert (tmp_path / "out/images" / FIRST).samefile(project.image_folder / FIRST)


def test_that_images_are_where_the_format_usually_has_them(
    tmp_path: Path, project: Project
) -> None:
    export_project(project, "coco", tmp_path / "coco")
    export_project(project, "mvtec", tmp_path / "mvtec")
    assert not (tmp_path / "coco/images").exists()
    assert (tmp_path / "mvtec/train/good/000.png").is_file()


def test_that_an_unknown_format_is_named_with_the_known_ones(
    tmp_path: Path, project: Project
) -> None:
    with pytest.raises(BadDataError, match="'pascal' — choose one of coco, "):
        export_project(project, "pascal", tmp_path / "out")


def test_that_an_unknown_import_format_is_named(tmp_path: Path, project: Project) -> None:
    with pytest.raises(BadDataError, match="'mvtec' — choose one of coco, "):
        plan_import(project, "mvtec", tmp_path)


# ---------------------------------------------------------------- import


def plan(*regions: ImportedRegion, name: str = FIRST) -> ImportPlan:
    names = tuple(dict.fromkeys(region.class_name for region in regions))
    return ImportPlan(names, (ImportedImage(name, regions),), (), "labels.json")


def test_that_a_plan_changes_nothing(
    tmp_path: Path, project: Project, write_coco: Callable[[str], Path]
) -> None:
    found = plan_import(project, "coco", write_coco(FIRST))
    assert len(found.images) == 1
    assert contents(project) == set()


@pytest.fixture
def write_coco(tmp_path: Path) -> Callable[[str], Path]:
    """A COCO file with one box on an image of this name."""

    def write(name: str) -> Path:
        path = tmp_path / "labels.json"
        content = {
            "images": [{"id": 1, "file_name": name}],
            "categories": [{"id": 1, "name": "hole"}],
            "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}],
        }
        path.write_text(json.dumps(content))
        return path

    return write


def test_that_imported_regions_say_where_they_come_from(
    project: Project, write_coco: Callable[[str], Path]
) -> None:
    report = perform_import(project, plan_import(project, "coco", write_coco(FIRST)))
    (region,) = regions_of(project)
    assert (report.image_count, report.region_count, report.problems) == (1, 1, ())
    assert (region.author, region.author_detail) == (Author.IMPORTED, "labels.json")
    assert region.created_at.endswith("+00:00")


@pytest.mark.parametrize("name", ["D:\\parts\\scratch\\000.png", "../scratch/000.png", FIRST])
def test_that_names_are_matched_to_the_projects_images(
    project: Project, write_coco: Callable[[str], Path], name: str
) -> None:
    perform_import(project, plan_import(project, "coco", write_coco(name)))
    assert len(regions_of(project)) == 1


@pytest.mark.parametrize("name", ["000.png", "good/000.png", "elsewhere.png"])
def test_that_a_name_of_no_single_image_is_a_problem(
    project: Project, write_coco: Callable[[str], Path], name: str
) -> None:
    found = plan_import(project, "coco", write_coco(name))
    assert found.images == ()
    assert f"no single image of the project is '{name}'" in found.problems[0]


def test_that_an_image_that_cannot_be_read_is_a_problem(
    project: Project, write_coco: Callable[[str], Path]
) -> None:
    (project.image_folder / FIRST).unlink()
    found = plan_import(project, "coco", write_coco(FIRST))
    assert "cannot be read" in found.problems[0]


def test_that_an_image_may_be_named_twice(tmp_path: Path, project: Project) -> None:
    content = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate([FIRST, f"x/{FIRST}"])],
        "categories": [{"id": 1, "name": "hole"}],
        "annotations": [{"image_id": n, "category_id": 1, "bbox": [n, 2, 3, 4]} for n in range(2)],
    }
    (tmp_path / "labels.json").write_text(json.dumps(content))
    report = perform_import(project, plan_import(project, "coco", tmp_path / "labels.json"))
    assert (report.image_count, report.region_count) == (1, 2)


def test_that_a_class_of_the_same_name_is_used(project: Project) -> None:
    perform_import(project, plan(ImportedRegion("dent", Box(0, 0, 1, 1), None)))
    assert regions_of(project)[0].class_id == 2
    assert len(project.classes()) == 2


def test_that_new_classes_come_in_the_files_order(project: Project) -> None:
    perform_import(project, ImportPlan(("z", "a"), ()))
    assert [defect_class.name for defect_class in project.classes()][2:] == ["z", "a"]


def test_that_regions_are_not_added_twice(project: Project) -> None:
    same = ImportedRegion("scratch", mask().box or Box(0, 0, 1, 1), mask())
    perform_import(project, plan(same, same))
    report = perform_import(project, plan(same))
    assert (report.image_count, report.region_count) == (0, 0)
    assert len(regions_of(project)) == 1


def test_that_regions_that_differ_in_one_thing_are_all_added(project: Project) -> None:
    box = mask().box or Box(0, 0, 1, 1)
    report = perform_import(
        project,
        plan(
            ImportedRegion("scratch", box, mask()),
            ImportedRegion("dent", box, mask()),
            ImportedRegion("scratch", box, None),
        ),
    )
    assert report.region_count == 3


def test_that_an_image_that_is_gone_meanwhile_is_a_problem(project: Project) -> None:
    found = plan(ImportedRegion("dent", Box(0, 0, 1, 1), None), name="gone.png")
    assert perform_import(project, found).problems == ("gone.png: not in the project",)


def test_that_a_failing_import_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(annotations, "insert_regions", fail)
    with pytest.raises(MemoryError):
        perform_import(project, plan(ImportedRegion("new", Box(0, 0, 1, 1), None)))
    assert [defect_class.name for defect_class in project.classes()] == ["scratch", "dent"]


def test_that_a_read_only_project_is_not_imported_into(project: Project) -> None:
    with Project.open(project.folder) as other, pytest.raises(BadDataError, match="read-only"):
        perform_import(other, plan(ImportedRegion("new", Box(0, 0, 1, 1), None)))


def test_that_ignored_regions_reach_coco_and_are_named_where_a_format_cannot_hold_them(
    project: Project, tmp_path: Path
) -> None:
    record = project.images()[0]
    box = Box(1, 1, 5, 5)
    with project.transaction():
        class_id = project.add_class("scratch").id
    ignored = Region("i", class_id, box, None, Author.HAND, is_ignored=True)
    annotations.add_regions(project, [(record.id, ignored)])
    coco = export_project(project, "coco", tmp_path / "coco")
    yolo = export_project(project, "yolo-detect", tmp_path / "yolo")
    assert coco.region_count - yolo.region_count == 1
    assert any("to be ignored" in remark for remark in yolo.remarks)


def test_that_a_preview_says_what_the_import_then_does_and_changes_nothing(
    project: Project, tmp_path: Path
) -> None:
    add(project, FIRST, Box(1, 1, 5, 5))
    export_project(project, "coco", tmp_path / "coco")
    labels = json.loads((tmp_path / "coco" / "annotations.json").read_text())
    labels["categories"].append({"id": 77, "name": "stain"})
    image = labels["annotations"][0]["image_id"]
    labels["annotations"].append(
        {"id": 99, "image_id": image, "category_id": 77, "bbox": [2, 2, 3, 3]}
    )
    (tmp_path / "new.json").write_text(json.dumps(labels))
    before = contents(project)
    plan = plan_import(project, "coco", tmp_path / "new.json")
    preview = preview_import(project, plan)
    assert contents(project) == before
    assert (preview.regions_by_class, preview.new_classes) == ({"stain": 1}, ("stain",))
    assert (preview.region_count, preview.image_count, preview.known_count) == (1, 1, len(before))
    assert perform_import(project, plan).region_count == preview.region_count


def test_that_regions_of_another_page_are_told_where_images_are_only_referenced(
    project: Project, tmp_path: Path
) -> None:
    pages = [Image.new("L", (WIDTH, HEIGHT), grey) for grey in (50, 90)]
    pages[0].save(project.image_folder / "stack.tif", save_all=True, append_images=pages[1:])
    project.add_images([ImageEntry("stack.tif", Split.TEST, "scratch")])
    choose_where_untouched(project, 2, ["stack.tif"])
    add(project, "stack.tif", mask())
    referenced = export_project(project, "coco", tmp_path / "a")
    copied = export_project(project, "coco", tmp_path / "b", placement=ImagePlacement.COPY)
    told = [[r for r in report.remarks if "page 2" in r] for report in (referenced, copied)]
    assert [len(remarks) for remarks in told] == [1, 0]


def test_that_labels_are_measured_against_the_chosen_page(project: Project, tmp_path: Path) -> None:
    small, large = Image.new("L", (8, 8)), Image.new("L", (WIDTH, HEIGHT))
    small.save(project.image_folder / "stack.tif", save_all=True, append_images=[large])
    project.add_images([ImageEntry("stack.tif", Split.TEST, "scratch")])
    choose_where_untouched(project, 2, ["stack.tif"])
    add(project, "stack.tif", mask())
    export_project(project, "coco", tmp_path / "out")
    plan = plan_import(project, "coco", tmp_path / "out")
    assert [len(image.regions) for image in plan.images if "stack" in image.image_name] == [1]
