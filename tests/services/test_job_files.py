"""Run and inspection folders as a worker wants them."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.annotation import Author, ImageVerdict, Region
from inspector_app.domain.dataset import ImageEntry, ImageRecord, Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.files import DatasetItem, InspectionItem, InspectionJob, TrainingJob
from inspector_app.services.job_files import (
    dataset_items,
    inspection_items_of_folder,
    inspection_items_of_project,
    load_bundle_card,
    training_splits,
    write_inspection_folder,
    write_run_folder,
)
from inspector_app.store import annotations, jobs
from inspector_app.store.project import Project

WriteImage = Callable[..., Path]
WIDTH, HEIGHT = 48, 32


def block(box: Box, *, width: int = WIDTH) -> Mask:
    return Mask.from_box(box, width=width, height=HEIGHT)


def draw(project: Project, path: str, *contents: Mask | Box, class_id: int = 1) -> None:
    record = project.image_by_path(path)
    assert record is not None
    for number, content in enumerate(contents):
        mask = content if isinstance(content, Mask) else None
        box = content.box if isinstance(content, Mask) else content
        assert box is not None
        region = Region(f"{path}{number}-{class_id}", class_id, box, mask, Author.HAND)
        annotations.add_regions(project, [(record.id, region)])


def record(
    number: int,
    *,
    split: Split = Split.NONE,
    defect_type: str = "",
    verdict: ImageVerdict | None = None,
) -> ImageRecord:
    return ImageRecord(number, f"{number}.png", split, defect_type, verdict)


def counts(records: Sequence[ImageRecord]) -> Counter[str]:
    return Counter(training_splits(records).values())


def item_of(items: Sequence[DatasetItem], name: str) -> DatasetItem:
    return next(item for item in items if item.image_path.endswith(name))


def pixels_of(item: DatasetItem | InspectionItem) -> np.ndarray:
    assert item.mask_size is not None
    return Mask.from_rle({"size": item.mask_size, "counts": item.mask_counts}).to_array()


# ---------------------------------------------------------------- splits


def test_that_mvtecs_own_test_images_stay_test_images(project: Project) -> None:
    items = dataset_items(project)
    test = {item.image_path for item in items if item.split == "test"}
    assert len(test) == 4
    assert all("/test/" in path for path in test)


@pytest.mark.parametrize(
    ("train_count", "val_count"), [(1, 0), (2, 1), (6, 1), (14, 2), (60, 8), (209, 29)]
)
def test_that_a_seventh_of_the_good_training_images_is_held_out(
    train_count: int, val_count: int
) -> None:
    records = [record(n, split=Split.TRAIN, defect_type="good") for n in range(train_count)]
    assert counts(records)["val"] == val_count


def test_that_a_val_split_of_the_projects_own_is_kept() -> None:
    records = [record(n, split=Split.TRAIN, defect_type="good") for n in range(20)]
    records.append(record(99, split=Split.VALIDATION, defect_type="good"))
    assert counts(records) == {"train": 20, "val": 1}


@pytest.mark.parametrize(
    ("count", "shares"),
    [
        (1, {"train": 1}),
        (2, {"train": 1, "val": 1}),
        (3, {"train": 2, "val": 1}),
        (20, {"train": 14, "val": 3, "test": 3}),
        (100, {"train": 70, "val": 15, "test": 15}),
    ],
)
def test_that_good_images_without_a_split_are_shared_out(
    count: int, shares: dict[str, int]
) -> None:
    records = [record(n, verdict=ImageVerdict.OK) for n in range(count)]
    assert counts(records) == shares


def test_that_defective_images_without_a_split_are_for_testing() -> None:
    records = [record(1, verdict=ImageVerdict.NG), record(2, verdict=ImageVerdict.OK)]
    assert training_splits(records) == {"1.png": "test", "2.png": "train"}


def test_that_unjudged_images_are_good_where_nothing_is_defective() -> None:
    assert sum(counts([record(n) for n in range(10)]).values()) == 10


def test_that_unjudged_images_are_left_out_where_something_is_defective() -> None:
    records = [record(1), record(2, verdict=ImageVerdict.NG), record(3, verdict=ImageVerdict.OK)]
    assert "1.png" not in training_splits(records)


@given(st.permutations(range(30)))
def test_that_the_split_does_not_depend_on_the_order(order: list[int]) -> None:
    records = [record(n) for n in order]
    assert training_splits(records) == training_splits(sorted(records, key=lambda r: r.id))


def test_that_another_seed_gives_another_split() -> None:
    records = [record(n) for n in range(30)]
    assert training_splits(records, seed=1) != training_splits(records)


@given(st.integers(2, 300), st.integers(0, 50))
def test_that_added_images_hardly_change_who_is_held_out(count: int, added: int) -> None:
    def held_out(total: int) -> set[str]:
        records = [record(n, split=Split.TRAIN, defect_type="good") for n in range(total)]
        return {path for path, split in training_splits(records).items() if split == "val"}

    # Only images with lower hashes than the last one held out can push one out.
    assert len(held_out(count) - held_out(count + added)) <= added


# ---------------------------------------------------------------- run folder


def test_that_a_mask_is_the_union_of_the_regions_and_bare_boxes(project: Project) -> None:
    first, second, bare = Box(0, 0, 4, 4), Box(2, 2, 9, 9), Box(20, 5, 30, 7)
    draw(project, "test/scratch/000.png", block(first), block(second), bare)
    expected = block(first).to_array() | block(second).to_array() | block(bare).to_array()
    item = item_of(dataset_items(project), "test/scratch/000.png")
    np.testing.assert_array_equal(pixels_of(item), expected)


def test_that_every_region_has_its_box_and_its_class(project: Project) -> None:
    masked, bare = Box(0, 0, 4, 4), Box(20, 5, 30, 7)
    draw(project, "test/scratch/000.png", block(masked), bare)
    [first, second] = item_of(dataset_items(project), "test/scratch/000.png").boxes
    assert (first.left, first.top, first.right, first.bottom) == (0, 0, 4, 4)
    assert (second.left, second.top, second.right, second.bottom) == (20, 5, 30, 7)
    assert {first.class_name, second.class_name} == {project.classes()[0].name}


def test_that_boxes_alone_are_drawn_at_the_images_size(project: Project) -> None:
    draw(project, "test/scratch/000.png", Box(0, 0, 4, 4))
    item = item_of(dataset_items(project), "test/scratch/000.png")
    assert item.mask_size == (HEIGHT, WIDTH)


def test_that_each_class_has_its_own_mask_where_there_are_several(project: Project) -> None:
    scratch, stain = Box(0, 0, 4, 4), Box(2, 2, 9, 9)
    draw(project, "test/scratch/000.png", block(scratch))
    other = project.add_class("another type")
    draw(project, "test/scratch/000.png", block(stain), class_id=other.id)
    item = item_of(dataset_items(project), "test/scratch/000.png")
    assert item.class_masks["another type"] == block(stain).counts
    assert len(item.class_masks) == 2


def test_that_a_mask_all_of_the_images_type_is_written_once(project: Project) -> None:
    [own] = [each.id for each in project.classes() if each.name == "scratch"]
    draw(project, "test/scratch/000.png", block(Box(0, 0, 4, 4)), class_id=own)
    assert item_of(dataset_items(project), "test/scratch/000.png").class_masks == {}


def test_that_boxes_on_an_image_that_cannot_be_read_have_no_mask(project: Project) -> None:
    draw(project, "test/scratch/000.png", Box(0, 0, 4, 4))
    (project.image_folder / "test/scratch/000.png").unlink()
    item = item_of(dataset_items(project), "test/scratch/000.png")
    assert (item.is_defective, item.mask_size, item.mask_counts) == (True, None, "")
    assert item.boxes == ()


def test_that_masks_of_another_size_are_passed_over(project: Project) -> None:
    box = Box(0, 0, 4, 4)
    draw(project, "test/scratch/000.png", block(box), block(box, width=99))
    item = item_of(dataset_items(project), "test/scratch/000.png")
    assert item.mask_size == (HEIGHT, WIDTH)


def test_that_a_good_image_has_no_mask(project: Project) -> None:
    draw(project, "train/good/000.png", block(Box(0, 0, 4, 4)))
    with project.transaction() as connection:
        connection.execute("UPDATE images SET verdict = 'ok'")
    item = item_of(dataset_items(project), "train/good/000.png")
    assert (item.is_defective, item.mask_counts) == (False, "")


def test_that_a_run_folder_holds_the_job_and_its_data_set(project: Project) -> None:
    run = jobs.add_run(project, model_kind="autoencoder", config={"epochs": 3, "rate": 0.1})
    folder = write_run_folder(project, run)
    job = TrainingJob.model_validate_json((folder / "job.json").read_bytes())
    lines = (folder / "dataset.jsonl").read_text("utf-8").splitlines()
    items = [DatasetItem.model_validate_json(line) for line in lines]
    assert folder == project.folder / run.folder
    assert (job.job_id, job.model_kind) == (run.id, "autoencoder")
    assert (job.config, job.project_name) == ({"epochs": 3, "rate": 0.1}, project.name)
    assert items == dataset_items(project)


def test_that_a_project_without_a_good_image_cannot_be_trained(
    tmp_path: Path, image_folder: Path
) -> None:
    with Project.create(tmp_path / "bad", image_folder=image_folder) as project:
        project.add_images([ImageEntry("test/scratch/000.png", Split.TEST, "scratch")])
        run = jobs.add_run(project, model_kind="autoencoder", config={})
        with pytest.raises(BadDataError, match="no image of a good part"):
            write_run_folder(project, run)
        assert not (project.folder / run.folder).exists()


def test_that_types_can_be_learned_without_a_good_image(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "types", image_folder=image_folder) as project:
        project.add_images([ImageEntry("test/scratch/000.png", Split.TEST, "scratch")])
        run = jobs.add_run(project, model_kind="classifier", config={})
        folder = write_run_folder(project, run, "classification")
    [line] = (folder / "dataset.jsonl").read_text().splitlines()
    assert DatasetItem.model_validate_json(line).defect_type == "scratch"


@pytest.mark.parametrize(
    ("folder_type", "expected"), [("", "dent"), ("good", "dent"), ("scratch", "scratch")]
)
def test_that_the_class_of_most_of_the_area_is_the_type_unless_the_folder_says_it(
    tmp_path: Path, image_folder: Path, folder_type: str, expected: str
) -> None:
    path = "test/scratch/000.png"
    with Project.create(tmp_path / "types", image_folder=image_folder) as project:
        project.add_images([ImageEntry(path, Split.TEST, folder_type)])
        image = project.image_by_path(path)
        assert image is not None
        for name, box, is_ignored in (
            ("stain", Box(0, 0, 4, 4), False),
            ("dent", Box(0, 0, 10, 10), False),
            ("rim", Box(0, 0, 40, 30), True),
        ):
            class_id = project.add_class(name).id
            region = Region(name, class_id, box, None, Author.HAND, is_ignored=is_ignored)
            annotations.add_regions(project, [(image.id, region)])
        [item] = dataset_items(project)
    assert item.defect_type == expected


# ---------------------------------------------------------------- inspection


@pytest.fixture
def category(image_folder: Path) -> Path:
    """`image_folder` with a sound mask for the first scratched part and a broken one."""
    folder = image_folder / "ground_truth/scratch"
    folder.mkdir(parents=True)
    pixels = block(Box(4, 4, 8, 8)).to_array().astype(np.uint8) * 255
    (folder / "000_mask.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    (folder / "001_mask.png").write_bytes(b"broken")
    return image_folder


def truth(items: Sequence[InspectionItem]) -> dict[str, tuple[bool | None, bool]]:
    """Return what is known of each image: defective, and where."""
    return {
        "/".join(Path(item.image_path).parts[-3:]): (item.is_defective, bool(item.mask_counts))
        for item in items
    }


TRUTH = {
    "test/good/000.png": (False, False),
    "test/good/001.png": (False, False),
    "test/scratch/000.png": (True, True),
    "test/scratch/001.png": (True, False),
}


@pytest.mark.parametrize("inside", ["", "test"])
def test_that_of_a_category_the_test_images_are_inspected(category: Path, inside: str) -> None:
    assert truth(inspection_items_of_folder(category / inside)) == TRUTH


def test_that_a_folder_of_one_defect_type_is_known_as_such(category: Path) -> None:
    items = inspection_items_of_folder(category / "test/scratch")
    assert truth(items) == {name: known for name, known in TRUTH.items() if "scratch" in name}


def test_that_training_images_are_known_to_be_good(image_folder: Path) -> None:
    items = inspection_items_of_folder(image_folder / "train/good")
    assert {item.is_defective for item in items} == {False}


def test_that_a_category_without_test_images_is_inspected_whole(
    tmp_path: Path, write_image: WriteImage
) -> None:
    write_image(tmp_path / "train/good/0.png")
    assert len(inspection_items_of_folder(tmp_path)) == 1


def test_that_a_truth_mask_keeps_its_pixels(category: Path) -> None:
    items = inspection_items_of_folder(category)
    item = next(item for item in items if item.mask_counts)
    np.testing.assert_array_equal(pixels_of(item), block(Box(4, 4, 8, 8)).to_array())


@pytest.mark.parametrize("place", ["a.png", "sub/a.png", "test/sub/a.png"])
def test_that_nothing_is_known_of_other_folders(
    tmp_path: Path, write_image: WriteImage, place: str
) -> None:
    write_image(tmp_path / "parts" / place)
    folder = tmp_path / "parts" / place.partition("/")[0] if "test" in place else tmp_path / "parts"
    (item,) = inspection_items_of_folder(folder)
    assert item.is_defective is None


def test_that_masks_beside_their_images_give_truth(tmp_path: Path, write_image: WriteImage) -> None:
    for name, box in (("a", Box(0, 0, 4, 4)), ("b", None)):
        write_image(tmp_path / f"{name}.jpg")
        mask = block(box).to_array() if box else np.zeros((HEIGHT, WIDTH))
        encoded = cv2.imencode(".png", mask.astype(np.uint8) * 255)[1]
        (tmp_path / f"{name}.png").write_bytes(encoded.tobytes())
    items = inspection_items_of_folder(tmp_path)
    assert [(item.is_defective, item.mask_size) for item in items] == [
        (True, (HEIGHT, WIDTH)),
        (False, None),
    ]


def test_that_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no images"):
        inspection_items_of_folder(tmp_path)


def test_that_the_root_of_a_drive_is_no_category(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadDataError, match="no images"):
        monkeypatch.setattr("os.scandir", _NoEntries)
        inspection_items_of_folder(Path("/"))


class _NoEntries:
    def __init__(self, _folder: str) -> None: ...
    def __enter__(self) -> list[object]:
        return []

    def __exit__(self, *_: object) -> None: ...


def test_that_of_a_project_the_test_images_are_inspected(project: Project) -> None:
    draw(project, "test/scratch/000.png", block(Box(0, 0, 4, 4)))
    items = inspection_items_of_project(project)
    assert truth(items) == TRUTH


def test_that_of_a_project_without_a_split_all_images_are_inspected(
    tmp_path: Path, image_folder: Path
) -> None:
    with Project.create(tmp_path / "plain", image_folder=image_folder) as project:
        project.add_images([ImageEntry("train/good/000.png", Split.NONE, "")])
        (item,) = inspection_items_of_project(project)
    assert item.is_defective is None


def test_that_an_inspection_folder_holds_the_job_and_its_manifest(
    tmp_path: Path, project: Project, run_id: str
) -> None:
    inspection = jobs.add_inspection(project, run_id=run_id, source="test", threshold=0.5)
    items = inspection_items_of_project(project)
    folder = write_inspection_folder(project, inspection, items, tmp_path / "bundle")
    job = InspectionJob.model_validate_json((folder / "inspection.json").read_bytes())
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    assert (job.job_id, job.bundle_folder) == (inspection.id, str(tmp_path / "bundle"))
    assert [InspectionItem.model_validate_json(line) for line in lines] == items


# ---------------------------------------------------------------- what workers leave


@pytest.fixture
def bundle(project: Project, run_id: str) -> Path:
    return jobs.run_folder(project, jobs.run(project, run_id)) / "bundle"


def test_that_a_bundles_card_is_read(bundle: Path) -> None:
    assert load_bundle_card(bundle).threshold.value == 0.25


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "no model"), ("{}", "no model .*kind"), ("[]", "no model")],
)
def test_that_a_card_that_is_none_is_refused(bundle: Path, text: str, problem: str) -> None:
    (bundle / "card.json").write_text(text)
    with pytest.raises(BadDataError, match=rf"card\.json: {problem}"):
        load_bundle_card(bundle)


def test_that_a_card_of_another_version_is_refused(bundle: Path) -> None:
    card = json.loads((bundle / "card.json").read_text())
    (bundle / "card.json").write_text(json.dumps({**card, "protocol": 99}))
    with pytest.raises(BadDataError, match="version 99"):
        load_bundle_card(bundle)


def test_that_a_folder_without_a_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no such file"):
        load_bundle_card(tmp_path)
