"""The sample is no give-away for thresholds, and no riddle for a model that learns good parts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample import Product

Pixels = NDArray[np.float32]
"""(N, H, W) grey levels."""


@dataclass(frozen=True)
class Photos:
    """A finished sample in memory; arrays (N, H, W, 3) uint8, masks (N, H, W) bool."""

    train: NDArray[np.uint8]
    test: dict[str, NDArray[np.uint8]]
    masks: dict[str, NDArray[np.bool_]]


@pytest.fixture(scope="module")
def photos(sample: Path, product: Product) -> Photos:
    defects = [defect.name for defect in product.defect_types]
    return Photos(
        train=read(sample / "train/good", cv2.IMREAD_COLOR),
        test={name: read(sample / "test" / name, cv2.IMREAD_COLOR) for name in ("good", *defects)},
        masks={
            name: read(sample / "ground_truth" / name, cv2.IMREAD_GRAYSCALE) > 0 for name in defects
        },
    )


def read(folder: Path, flags: int) -> NDArray[np.uint8]:
    images = [cv2.imread(str(path), flags) for path in sorted(folder.glob("*.png"))]
    return np.asarray(images, np.uint8)


def auroc(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    """Return how often a bad score exceeds a good one, ties counting half."""
    greater = (bad[:, None] > good[None]).mean()
    return float(greater + 0.5 * (bad[:, None] == good[None]).mean())


def grey(images: NDArray[np.uint8]) -> Pixels:
    weights = np.asarray([0.114, 0.587, 0.299], np.float32)
    return np.asarray(images.astype(np.float32) @ weights, np.float32)


def channel(number: int) -> Callable[[NDArray[np.uint8], Photos], Pixels]:
    return lambda images, _: images[..., number].astype(np.float32)


def from_mean_good(images: NDArray[np.uint8], photos: Photos) -> Pixels:
    return np.asarray(np.abs(grey(images) - grey(photos.train).mean(axis=0)), np.float32)


VIEWS: dict[str, Callable[[NDArray[np.uint8], Photos], Pixels]] = {
    "grey": lambda images, _: grey(images),
    "blue": channel(0),
    "green": channel(1),
    "red": channel(2),
    "difference from the mean good image": from_mean_good,
}
FEATURES: dict[str, Callable[[Pixels], NDArray[np.float64]]] = {
    "mean": lambda pixels: pixels.mean(axis=(1, 2)),
    "min": lambda pixels: pixels.min(axis=(1, 2)),
    "max": lambda pixels: pixels.max(axis=(1, 2)),
    "std": lambda pixels: pixels.std(axis=(1, 2)),
    "1 %": lambda pixels: np.quantile(pixels, 0.01, axis=(1, 2)),
    "99 %": lambda pixels: np.quantile(pixels, 0.99, axis=(1, 2)),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("feature", FEATURES)
def test_that_no_global_figure_tells_good_from_bad(photos: Photos, view: str, feature: str) -> None:
    scores = {
        name: FEATURES[feature](VIEWS[view](images, photos)) for name, images in photos.test.items()
    }
    good = scores.pop("good")
    value = auroc(good, np.concatenate(list(scores.values())))
    assert 0.25 < value < 0.75


@pytest.mark.parametrize("view", VIEWS)
def test_that_no_threshold_on_pixels_finds_the_defects(photos: Photos, view: str) -> None:
    levels = {name: VIEWS[view](photos.test[name], photos) for name in photos.masks}
    for name, mask in photos.masks.items():
        assert best_iou(levels[name], mask) < 0.3, name
    everything = np.concatenate([*levels.values(), VIEWS[view](photos.test["good"], photos)])
    nothing = np.zeros(photos.test["good"].shape[:3], bool)
    assert best_iou(everything, np.concatenate([*photos.masks.values(), nothing])) < 0.3


def best_iou(pixels: Pixels, mask: NDArray[np.bool_]) -> float:
    """Return the largest IoU that keeping all pixels above (or below) one grey level reaches."""
    edges = np.arange(257)
    inside, _ = np.histogram(pixels[mask], edges)
    outside, _ = np.histogram(pixels[~mask], edges)
    best = 0.0
    for step in (1, -1):
        hits, false_alarms = np.cumsum(inside[::step]), np.cumsum(outside[::step])
        best = max(best, float((hits / (inside.sum() + false_alarms)).max()))
    return best


def test_that_a_linear_autoencoder_learns_what_good_parts_look_like(photos: Photos) -> None:
    """Sixteen principal components of the good images, the residual's peak as the score."""
    good = small(photos.train)
    mean = good.mean(axis=0)
    components = np.linalg.svd(good - mean, full_matrices=False)[2][:16]

    def scores(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        centred = small(images) - mean
        residual = (centred - centred @ components.T @ components) ** 2
        maps = residual.reshape(len(images), 64, 64, 3).sum(axis=3)
        return np.array([cv2.GaussianBlur(each, (0, 0), 1.0).max() for each in maps])

    good_scores = scores(photos.test["good"])
    values = {name: auroc(good_scores, scores(photos.test[name])) for name in photos.masks}
    assert min(values.values()) > 0.8, values


def small(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (N, 64·64·3)."""
    shrunk = [cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA) for image in images]
    return np.stack(shrunk).reshape(len(images), -1).astype(np.float64)
