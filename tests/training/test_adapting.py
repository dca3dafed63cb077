"""The click model adapted to a project: better, or as it was."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.domain.mask import Mask
from inspector_app.domain.opencv import cv2
from inspector_app.protocol.adapting import ADAPTED_FILES, REGIONS_FILE, ClickRegion
from inspector_app.protocol.messages import Progress, Remark
from tests.training.parts import Listener
from training.context import Cancelled
from training.data.clicked import ClickedDataset, View, read_clicked, views_of
from training.fit import adapting as module
from training.fit.adapting import adapt_click_model, parted
from training.models.click.config import ClickTraining
from training.models.click.network import ClickNetwork
from training.models.click.weights import load_click_network, write_click_weights
from training.segmenters import crops
from training.segmenters.base import Recent

SIDE = 64
SHORT = ClickTraining(epochs=1, steps=1, batch_size=2, rounds=1, side_px=SIDE, first_side_px=SIDE)


@pytest.fixture(autouse=True)
def small_crops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops, "SIDE_PX", SIDE)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    folder = tmp_path / "start"
    write_click_weights(folder, ClickNetwork(), ClickTraining(), epochs=1, figures={})
    return folder


def region(path: Path, seed: int) -> ClickRegion:
    """Write a photo of a bright spot on dark ground; return the spot."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((70, 90), np.uint8)
    place = tuple(int(v) for v in rng.integers(20, 50, 2))
    cv2.circle(mask, place, int(rng.integers(8, 14)), 1, -1)
    photo = np.where(mask[..., None] > 0, (200, 190, 180), (60, 70, 80)).astype(np.float64)
    path.parent.mkdir(parents=True, exist_ok=True)
    noisy = np.clip(photo + rng.normal(0, 5, photo.shape), 0, 255).astype(np.uint8)
    assert cv2.imwrite(str(path), noisy)
    drawn = Mask.from_array(mask > 0)
    return ClickRegion(image_path=str(path), size=(70, 90), counts=drawn.counts)


def regions(folder: Path, count: int) -> list[ClickRegion]:
    return [region(folder / f"{number:02d}.png", number) for number in range(count)]


def write(folder: Path, of: list[ClickRegion]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / REGIONS_FILE).write_text("".join(f"{one.model_dump_json()}\n" for one in of))
    return folder


def test_that_what_has_become_better_is_kept(tmp_path: Path, start: Path) -> None:
    folder = write(tmp_path / "work", regions(tmp_path / "photos", 25))
    config = SHORT.model_copy(update={"epochs": 4, "steps": 25, "batch_size": 4, "rounds": 2})
    listener = Listener()
    figures = adapt_click_model(folder, listener, config=config, start=start)
    assert (figures["learned"], figures["held_out"], figures["is_kept"]) == (20, 5, 1)
    assert figures["after_1"] > figures["before_1"] + 0.2
    assert [(folder / name).is_file() for name in ADAPTED_FILES] == [True, True]
    load_click_network(folder)
    assert listener.of(Progress)[-1].done == listener.of(Progress)[-1].total


def test_that_what_has_not_become_better_is_left(
    tmp_path: Path, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "work", regions(tmp_path / "photos", 20))
    # Nothing learned, nothing gained.
    monkeypatch.setattr(module._Work, "train", lambda _self, network, _views, _folder: network)
    figures = adapt_click_model(folder, Listener(), config=SHORT, start=start)
    assert figures["is_kept"] == 0
    assert figures["after_5"] == figures["before_5"]
    assert not (folder / ADAPTED_FILES[0]).exists()


@pytest.mark.parametrize("part", ["learned", "held out"])
def test_that_images_that_cannot_be_read_are_told_and_passed_over(
    tmp_path: Path, start: Path, part: str
) -> None:
    found = regions(tmp_path / "photos", 25)
    learned, held_out = parted(found, SHORT.seed)
    damaged, vanished, other_size = (learned if part == "learned" else held_out)[:3]
    Path(damaged.image_path).write_bytes(b"no image")
    Path(vanished.image_path).unlink()
    cv2.imwrite(other_size.image_path, cv2.imread(other_size.image_path)[:-10])
    folder, listener = write(tmp_path / "work", found), Listener()
    figures = adapt_click_model(folder, listener, config=SHORT, start=start)
    assert figures["learned"] + figures["held_out"] == 22
    told = [remark.text for remark in listener.of(Remark)]
    assert len(told) == 3
    assert all(Path(one.image_path).name in " ".join(told) for one in (damaged, vanished))


def test_that_too_few_regions_are_refused(tmp_path: Path, start: Path) -> None:
    folder = write(tmp_path / "work", regions(tmp_path / "photos", 19))
    with pytest.raises(BadDataError, match="19 regions can be read, 20 are needed"):
        adapt_click_model(folder, Listener(), config=SHORT, start=start)


def test_that_without_weights_to_begin_with_nothing_is_done(tmp_path: Path) -> None:
    folder = write(tmp_path / "work", regions(tmp_path / "photos", 20))
    with pytest.raises(MissingWeightsError):
        adapt_click_model(folder, Listener(), config=SHORT, start=tmp_path / "nowhere")


def test_that_it_is_cancelled(tmp_path: Path, start: Path) -> None:
    folder = write(tmp_path / "work", regions(tmp_path / "photos", 20))
    listener = Listener(cancel_on=lambda event: isinstance(event, Progress))
    with pytest.raises(Cancelled):
        adapt_click_model(folder, listener, config=SHORT, start=start)
    assert not (folder / ADAPTED_FILES[0]).exists()


def test_that_no_image_is_learned_and_held_out(tmp_path: Path) -> None:
    found = [
        one.model_copy(update={"image_path": f"{number // 3}.png"})
        for number, one in enumerate(regions(tmp_path, 1) * 30)
    ]
    learned, held_out = parted(found, 0)
    assert not {one.image_path for one in learned} & {one.image_path for one in held_out}
    assert len(held_out) == 6
    assert len(learned) == 24


def test_that_one_image_alone_cannot_be_held_out(tmp_path: Path) -> None:
    learned, held_out = parted(regions(tmp_path, 1) * 30, 0)
    assert (len(learned), held_out) == (30, [])


def some_views(folder: Path) -> list[View]:
    clicked = read_clicked(region(folder / "a.png", 1), Recent(1))
    return views_of(clicked, 4, np.random.default_rng(0))


def test_that_views_go_from_close_by_to_the_whole(tmp_path: Path) -> None:
    views = views_of(
        read_clicked(region(tmp_path / "a.png", 1), Recent(1)), 4, np.random.default_rng(0)
    )
    shares = [mask.mean() for _, mask in views]
    assert all(rgb.shape == (SIDE, SIDE, 3) for rgb, _ in views)
    assert shares == sorted(shares, reverse=True)
    assert all(rgb[mask].mean() > rgb[~mask].mean() + 80 for rgb, mask in views)


def test_that_samples_are_the_same_each_time_and_not_alike(tmp_path: Path) -> None:
    views = views_of(
        read_clicked(region(tmp_path / "a.png", 1), Recent(1)), 4, np.random.default_rng(0)
    )
    samples = ClickedDataset(views, 0, 0, 8)
    again = ClickedDataset(views, 0, 4, 4)
    assert torch.equal(samples[5][0], again[1][0])
    assert not all(torch.equal(samples[0][0], samples[n][0]) for n in range(1, 8))
