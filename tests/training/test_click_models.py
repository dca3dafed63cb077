"""Parts of images, the GPU lent and taken back, and which model answers."""

from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box, PromptPoint
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from tests.training.test_sam import FILES, shelf_of
from training.segmenters.base import Prompts
from training.segmenters.choose import ClickModels
from training.segmenters.picture import Picture

VIEW = Box(256, 384, 768, 896)
SCRATCH = Box(500, 600, 520, 604)
CLICK = Prompts((PromptPoint(510.0, 602.0, 1),))


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    """A grey plate of 1200 × 1000 px with a short dark scratch."""
    image = np.random.default_rng(0).normal(150, 6, (1000, 1200, 3))
    image[SCRATCH.top : SCRATCH.bottom, SCRATCH.left : SCRATCH.right] -= 90
    path = tmp_path / "plate.png"
    cv2.imwrite(str(path), np.clip(image, 0, 255).astype(np.uint8))
    return path


@pytest.fixture
def grabcut(tmp_path: Path) -> ClickModels:
    return ClickModels(shelf_of(tmp_path, {}), "cpu")


def models_with(folder: Path, *names: str, device: str = "cuda") -> ClickModels:
    contents = {name: name.encode() for name in names}
    for name, content in contents.items():
        (folder / FILES[name]).write_bytes(content)
    return ClickModels(shelf_of(folder, contents), device)


# --------------------------------------------------------------------- parts


def test_that_a_part_is_answered_for_with_its_place(grabcut: ClickModels, plate: Path) -> None:
    answer = grabcut.segment(plate, CLICK, VIEW)
    assert answer.image_size == (1000, 1200)
    assert answer.view == VIEW
    mask = answer.candidates[0].mask
    assert mask.shape == (512, 512)
    rows, columns = np.nonzero(mask)
    assert abs(rows.mean() + VIEW.top - 602) < 3
    assert abs(columns.mean() + VIEW.left - 510) < 5


@pytest.mark.parametrize(
    "prompts",
    [
        Prompts((PromptPoint(510.0, 602.0, 1), PromptPoint(10.0, 10.0, 0))),
        Prompts(box=Box(200, 590, 530, 620)),
        Prompts(rough=Mask.from_box(Box(490, 590, 800, 610), height=1000, width=1200)),
    ],
)
def test_that_prompts_beside_the_part_are_answered_for_the_whole(
    grabcut: ClickModels, plate: Path, prompts: Prompts
) -> None:
    answer = grabcut.segment(plate, prompts, VIEW)
    assert answer.view is None
    assert answer.candidates[0].mask.shape == (1000, 1200)


def test_that_a_rough_mask_is_snapped_in_a_part(grabcut: ClickModels, plate: Path) -> None:
    rough = Mask.from_box(Box(496, 596, 524, 608), height=1000, width=1200)
    answer = grabcut.segment(plate, Prompts(rough=rough), VIEW)
    assert answer.view == VIEW
    found = np.zeros((1000, 1200), bool)
    found[VIEW.top : VIEW.bottom, VIEW.left : VIEW.right] = answer.candidates[0].mask
    truth = Mask.from_box(SCRATCH, height=1000, width=1200)
    assert Mask.from_array(found).iou(truth) > rough.iou(truth) + 0.2


def test_that_a_rough_mask_of_another_size_is_refused(grabcut: ClickModels, plate: Path) -> None:
    rough = Mask.from_box(Box(1, 1, 5, 5), height=10, width=10)
    with pytest.raises(BadDataError, match="10 × 10"):
        grabcut.segment(plate, Prompts(rough=rough))


@pytest.mark.parametrize("view", [None, Box(0, 0, 5000, 5000), Box(3000, 0, 3500, 500)])
def test_that_a_part_which_is_all_or_none_of_the_image_means_the_whole(
    plate: Path, view: Box | None
) -> None:
    picture = Picture.at(plate)
    assert picture.part(view) is picture


def test_that_a_part_reaching_out_ends_with_the_image(plate: Path) -> None:
    part = Picture.at(plate).part(Box(1000, 800, 1500, 1300))
    assert part.view == Box(1000, 800, 1200, 1000)
    assert part.rgb.shape == (200, 200, 3)


def test_that_the_size_is_known_without_decoding(plate: Path) -> None:
    picture = Picture.at(plate)
    assert picture.size == (1000, 1200)
    assert "rgb" not in picture.__dict__


def test_that_a_file_that_vanished_is_named(plate: Path) -> None:
    picture = Picture.at(plate)
    plate.unlink()
    with pytest.raises(BadDataError, match="plate"):
        _ = picture.size
    with pytest.raises(BadDataError, match="plate"):
        _ = picture.content


# ------------------------------------------------------------------ hovering


def test_that_hovering_over_an_image_nobody_prepared_gives_nothing(
    grabcut: ClickModels, plate: Path
) -> None:
    assert grabcut.glance(plate, CLICK).candidates == ()


def test_that_hovering_over_a_prepared_part_gives_the_best_candidate(
    grabcut: ClickModels, plate: Path
) -> None:
    grabcut.prepare(plate, VIEW)
    shown = grabcut.glance(plate, CLICK, VIEW)
    assert shown.view == VIEW
    [best] = shown.candidates
    assert np.array_equal(best.mask, grabcut.segment(plate, CLICK, VIEW).candidates[0].mask)


def test_that_an_image_prepared_ahead_leaves_the_present_one_at_hand(
    grabcut: ClickModels, plate: Path, tmp_path: Path
) -> None:
    grabcut.prepare(plate)
    for number in range(2):
        other = tmp_path / f"{number}.png"
        other.write_bytes(plate.read_bytes())
        grabcut.prepare_ahead(other, None, lambda: False)
    assert grabcut.glance(plate, CLICK).candidates


# -------------------------------------------------------------- which and where


def test_that_a_model_may_be_chosen(tmp_path: Path) -> None:
    models = models_with(tmp_path, "MobileSAM", "SAM ViT-B", device="cpu")
    assert models.name == "MobileSAM"
    models.choose("SAM ViT-B")
    assert models.name == "SAM ViT-B"
    models.choose("")
    assert models.name == "MobileSAM"


def test_that_a_chosen_model_without_weights_leaves_the_best(tmp_path: Path) -> None:
    models = models_with(tmp_path, "MobileSAM", device="cpu")
    models.choose("SAM ViT-H")
    assert models.name == "MobileSAM"


def test_that_grabcut_may_be_chosen(tmp_path: Path) -> None:
    models = models_with(tmp_path, "MobileSAM")
    models.choose("GrabCut")
    assert (models.name, models.encoder) == ("GrabCut", "")


def test_that_all_models_at_hand_are_told_best_first(tmp_path: Path) -> None:
    names = ("MobileSAM", "SAM ViT-B")
    assert models_with(tmp_path, *names).present == ("SAM ViT-B", "MobileSAM", "GrabCut")
    assert models_with(tmp_path, *names, device="cpu").present == (
        "MobileSAM",
        "SAM ViT-B",
        "GrabCut",
    )


def test_that_the_gpu_is_used_again_after_a_training(tmp_path: Path) -> None:
    models = models_with(tmp_path, "SAM ViT-H", "MobileSAM")
    models.release()
    assert models.name == "MobileSAM on the CPU"
    models.reclaim()
    assert models.name == "SAM ViT-H"


def test_that_reclaiming_what_was_never_released_changes_nothing(tmp_path: Path) -> None:
    models = models_with(tmp_path, "MobileSAM")
    models.reclaim()
    assert models.name == "MobileSAM"


def test_that_a_chosen_model_stays_chosen_through_a_training(tmp_path: Path) -> None:
    models = models_with(tmp_path, "SAM ViT-H", "SAM ViT-B", "MobileSAM")
    models.choose("SAM ViT-B")
    models.release()
    assert models.name == "SAM ViT-B on the CPU"
    models.reclaim()
    assert models.name == "SAM ViT-B"


def test_that_other_weights_give_another_name_in_the_cache(tmp_path: Path) -> None:
    first = models_with(tmp_path, "MobileSAM").encoder
    (tmp_path / FILES["MobileSAM"]).write_bytes(b"retrained")
    second = ClickModels(shelf_of(tmp_path, {"MobileSAM": b"retrained"}), "cpu").encoder
    assert first.startswith("mobilesam-")
    assert first != second
