"""Made-up defects on pictures of good parts, with masks; the same ones for the same seed."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from inspector_app.domain.mask import BoolArray
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import RgbImage
from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    blurred,
    chance,
    coordinates,
    fractal_noise,
    log_between,
    mixed,
)
from training.data.scenes.scene import changed_by, random_outline, random_place
from training.data.scenes.shapes import ellipse, rectangle
from training.data.scenes.surfaces import random_surface

_SHARES = (5e-4, 0.15)
"""Of the picture that a defect takes."""
_LEAST_CHANGE = 0.04
"""Mean change within the mask, of a range of 1: less cannot be learned from, only guessed."""
_LEAST_CHANGE_OF_A_PIXEL = 0.01
_TRIES = 12
_LEAST_SIDE_PX = 64
"""Surfaces have detail that smaller pictures cannot hold."""

_Way: TypeAlias = Callable[[Rng, Field], tuple[Field, Field]]
"""(rng, picture) → changed picture and coverage (S, S) in [0, 1]."""


def with_defect(picture: RgbImage, seed: Sequence[int]) -> tuple[RgbImage, BoolArray]:
    """Return the picture with one defect, and where it is.

    A third each is foreign texture in a patch of noise (after DRAEM, Zavrtanik et al. 2021,
    arXiv 2108.07610), a piece of the picture in a wrong place (after CutPaste, Li et al. 2021,
    arXiv 2104.04015), and a scratch, crack, stain, dent and the like from drawn outlines.

    Args:
        picture: (S, S, 3).
        seed: makes the defect, together with the picture's size.
    """
    if len(picture) < _LEAST_SIDE_PX:
        return _enlarged_for_a_while(picture, seed)
    rng = np.random.default_rng(seed)
    before = picture.astype(np.float32) / np.float32(255)
    for _ in range(_TRIES):
        after, alpha = _WAYS[int(rng.integers(len(_WAYS)))](rng, before)
        after = _of_same_colours(before, after)
        mask = _changed(before, after, alpha)
        if _can_be_seen(before, after, mask):
            return _levels(after), mask
    # A spot of the opposite brightness never fails, but on medium grey, where white does.
    alpha = ellipse(rng, len(before), random_place(rng, len(before)), len(before) / 8)
    opposite = np.where(np.abs(before - 0.5) < 0.1, np.float32(1), 1 - before)
    return _levels(mixed(before, as_field(opposite), alpha)), np.asarray(alpha > 0.5)


def _enlarged_for_a_while(picture: RgbImage, seed: Sequence[int]) -> tuple[RgbImage, BoolArray]:
    side = len(picture)
    enlarged = np.asarray(cv2.resize(picture, (_LEAST_SIDE_PX,) * 2), np.uint8)
    changed, mask = with_defect(enlarged, seed)
    small = cv2.resize(changed, (side, side), interpolation=cv2.INTER_AREA)
    share = cv2.resize(mask.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    inside = np.asarray(share >= min(0.5, float(share.max())))
    return np.where(inside[..., None], small, picture).astype(np.uint8), inside


def _foreign_texture(rng: Rng, picture: Field) -> tuple[Field, Field]:
    """Return another texture, more or less see-through, where noise is highest about a place."""
    side = len(picture)
    columns, rows = coordinates(side)
    x, y = random_place(rng, side)
    reach = np.float32(log_between(rng, 0.05, 0.35) * side)
    near = np.exp(-0.5 * ((columns - x) ** 2 + (rows - y) ** 2) / reach**2)
    noise = fractal_noise(rng, side, log_between(rng, 3, 20), 3)
    alpha = as_field(near + 0.35 * noise * np.sqrt(near) > 0.6)
    texture = random_surface(rng, side) if chance(rng, 0.6) else _from_elsewhere(rng, picture)
    opacity = np.float32(between(rng, 0.2, 1.0))
    return mixed(picture, texture, alpha * opacity), alpha


def _misplaced_piece(rng: Rng, picture: Field) -> tuple[Field, Field]:
    """Return a piece of the picture pasted elsewhere, perhaps as narrow as a scar."""
    side = len(picture)
    size = log_between(rng, 0.06, 0.5) * side
    alpha = rectangle(rng, side, random_place(rng, side), size)
    return mixed(picture, _from_elsewhere(rng, picture), alpha), alpha


def _drawn(rng: Rng, picture: Field) -> tuple[Field, Field]:
    alpha, effects = random_outline(rng, len(picture))
    return changed_by(rng, picture, alpha, effects), alpha


_WAYS: tuple[_Way, ...] = (_foreign_texture, _misplaced_piece, _drawn)


def _from_elsewhere(rng: Rng, picture: Field) -> Field:
    """Return the picture displaced, turned by a quarter and of slightly other colours."""
    side = len(picture)
    shift = tuple(int(each) for each in rng.integers(side // 8, side - side // 8, 2))
    moved = np.rot90(np.roll(picture, shift, (0, 1)), int(rng.integers(4)))
    return as_field(moved * rng.uniform(0.8, 1.2, 3))


def _of_same_colours(before: Field, after: Field) -> Field:
    """Return the changed picture, grey if it was: colour alone would give the defect away."""
    if not np.ptp(before, axis=2).any():
        after = np.repeat(after.mean(2, keepdims=True), 3, 2)
    return np.clip(after, 0, 1)


def _changed(before: Field, after: Field, alpha: Field) -> BoolArray:
    """Return where a defect lies and shows: white pasted on white is no defect."""
    change = blurred(as_field(np.abs(after - before).mean(2)), 1.0)
    return np.asarray((alpha > 0.5) & (change > _LEAST_CHANGE_OF_A_PIXEL))


def _can_be_seen(before: Field, after: Field, mask: BoolArray) -> bool:
    if not _SHARES[0] <= float(mask.mean()) <= _SHARES[1]:
        return False
    return float(np.abs(after - before)[mask].mean()) >= _LEAST_CHANGE


def _levels(picture: Field) -> RgbImage:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
