"""What a defect does to the surface it is on: one function per effect."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
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
    painted,
    random_colour,
    shifted,
    smooth_noise,
    turned,
)
from training.data.scenes.surfaces import random_surface

Effect = Callable[[Rng, Field, Field, float], Field]
"""(rng, picture, alpha, strength 0 … 1) → the picture with the defect."""


def tone(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Darker or brighter, perhaps tinted, perhaps unevenly: stains, damp, wear."""
    change = (between(rng, 0.2, 1.0) if chance(rng, 0.4) else -between(rng, 0.2, 0.85)) * strength
    tint = as_field(rng.normal(0, 0.25 * strength, 3)) if chance(rng, 0.4) else np.float32(0)
    unevenness = 1 + smooth_noise(rng, len(picture), (8, 8)) * np.float32(between(rng, 0, 0.4))
    factor = 1 + (alpha * unevenness)[..., None] * (np.float32(change) + tint)
    return as_field(picture * np.clip(factor, 0, 3))


def shade(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Bright on one flank and dark on the other: dents, bumps, folds."""
    depth = blurred(alpha, log_between(rng, 1.0, 6.0))
    angle = rng.uniform(0, 2 * np.pi)
    slope = cv2.Sobel(depth, cv2.CV_32F, 1, 0) * np.cos(angle)
    slope = slope + cv2.Sobel(depth, cv2.CV_32F, 0, 1) * np.sin(angle)
    slope = slope / max(1e-6, float(np.abs(slope).max()))
    lift = as_field(slope * strength * between(rng, 0.5, 1))
    return as_field(picture + lift[..., None] + alpha[..., None] * rng.normal(0, 0.1) * strength)


def cover(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Something else lies there: foreign parts, residue, what is under the paint."""
    other = random_surface(rng, len(picture))
    return mixed(picture, other, alpha * np.float32(min(1.0, 0.35 + strength)))


def paint(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """One colour: threads, ink, holes that show what is behind."""
    colour = random_colour(rng) * np.float32(between(rng, 0.0, 1.0) if chance(rng, 0.5) else 1)
    texture = fractal_noise(rng, len(picture), 16, 3) * np.float32(between(rng, 0, 0.08))
    return mixed(picture, painted(colour, texture), alpha * np.float32(min(1.0, 0.3 + strength)))


def facets(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Broken faces that reflect differently, some dazzling: chips of glass, ceramics, castings."""
    side = len(picture)
    labels = _cells(rng, alpha, int(log_between(rng, 3, 40)))
    tones = rng.normal(between(rng, -0.25, 0.25), between(rng, 0.05, 0.35), labels.max() + 1)
    dazzling = rng.random(len(tones)) < between(rng, 0, 0.2)
    tones[dazzling] = rng.uniform(0.5, 1.0, int(dazzling.sum()))
    faces = as_field(tones[labels]) + smooth_noise(rng, side, (12, 12)) * np.float32(0.06)
    base = blurred(picture, log_between(rng, 2, 12))
    broken = np.clip(base * between(rng, 0.4, 1) + faces[..., None] * strength, 0, 1)
    return mixed(picture, as_field(broken), alpha * np.float32(min(1.0, 0.5 + strength)))


def broken(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """What lies below the face: duller, streaked another way, perhaps with dazzling splinters."""
    side, total = len(picture), max(1e-6, float(alpha.sum()))
    below = as_field((picture * alpha[..., None]).sum((0, 1)) / total) * between(rng, 0.3, 1.3)
    waves = smooth_noise(rng, side, (between(rng, 2, 14), between(rng, 2, 14)))
    faces = np.tanh(waves * between(rng, 0.5, 4)) * log_between(rng, 0.04, 0.4)
    streaks = turned(smooth_noise(rng, side, (between(rng, 8, 60), 3)), between(rng, -180, 180))
    grey = as_field(faces + streaks * log_between(rng, 0.01, 0.15))
    opened = mixed(picture, painted(below, grey), alpha * np.float32(min(1.0, 0.5 + strength)))
    for _ in range(int(rng.integers(0, 4))):
        opened = opened + (_splinters(rng, alpha) * np.float32(strength))[..., None]
    return as_field(opened)


def cored(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Strong at one place and weaker about it: impacts, burns, drops that have dried.

    Whoever clicks the core means all of it.
    """
    outer, inner = (_PATCHES[int(rng.integers(len(_PATCHES)))] for _ in range(2))
    # Not so weak that nobody would know where it ends.
    picture = outer(rng, picture, alpha, max(_WEAKEST_RIM, strength * between(rng, 0.4, 1)))
    reach = between(rng, 0.08, 0.35)
    core = np.clip(_ragged_spot(rng, alpha, reach) * between(rng, 1.5, 5) - 0.7, 0, 1)
    return inner(rng, picture, as_field(core * alpha), min(1.0, strength * between(rng, 1, 2)))


def _splinters(rng: Rng, alpha: Field) -> Field:
    """Return a bright, ragged spot somewhere within the outline, (S, S)."""
    spot = _ragged_spot(rng, alpha, log_between(rng, 0.05, 0.35))
    return as_field(np.clip(spot * 2 - 0.7, 0, 1) * alpha * between(rng, 0.3, 1.2))


def _ragged_spot(rng: Rng, alpha: Field, reach: float) -> Field:
    """Return what is about 1 at a place within the outline and less about it, (S, S).

    Args:
        reach: as a share of the outline's size.
    """
    is_inside = np.pad(alpha > 0.5, 1)
    inside = np.flatnonzero(is_inside)
    if not len(inside):
        return np.zeros_like(alpha)
    chosen = int(inside[int(rng.integers(len(inside)))])
    if chance(rng, _IN_THE_MIDDLE):
        depth = cv2.distanceTransform(is_inside.astype(np.uint8), cv2.DIST_L2, 3)
        chosen = int(depth.argmax())
    row, column = (place - 1 for place in divmod(chosen, is_inside.shape[1]))
    columns, rows = coordinates(len(alpha))
    radius = np.sqrt(len(inside)) * reach + 1
    near = np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / np.float32(2 * radius**2))
    ragged = smooth_noise(rng, len(alpha), (len(alpha) / max(2.0, radius / 3),) * 2)
    return as_field(near * (1 + ragged))


def smear(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """The texture is gone: rubbed, melted, covered by film."""
    smooth = blurred(picture, log_between(rng, 2, 10)) * np.float32(1 + rng.normal(0, 0.08))
    return mixed(picture, smooth, alpha * np.float32(min(1.0, 0.4 + strength)))


def displace(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """The texture lies differently: folds, misprints, pulled threads, missing pieces."""
    distance = as_field(rng.normal(0, 0.12 * len(picture), 2))
    wobble = smooth_noise(rng, len(picture), (3, 3)) * np.float32(between(rng, 0, 8))
    flat = np.zeros_like(alpha)
    moved = shifted(picture, flat + distance[0] + wobble, flat + distance[1] - wobble)
    moved = moved * np.float32(1 + rng.normal(0, 0.12) * strength)
    return mixed(picture, moved, alpha)


def lustre(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """The same texture stands out more, or less: polish, wear, uneven grinding."""
    even = blurred(picture, log_between(rng, 1.5, 10))
    factor = log_between(rng, 0.15, 0.7) if chance(rng, 0.5) else log_between(rng, 1.5, 4)
    detail = (picture - even) * np.float32(1 + (factor - 1) * min(1.0, 0.3 + strength))
    changed = (even + detail) * np.float32(1 + rng.normal(0, 0.2) * strength)
    return mixed(picture, as_field(changed), alpha)


def roughen(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Grain where there was less: corrosion, abrasion, frayed edges."""
    grain = fractal_noise(rng, len(picture), log_between(rng, 10, 80), 4)
    lift = grain * np.float32(0.35 * strength) + np.float32(rng.normal(0, 0.15) * strength)
    return as_field(picture + (lift * alpha)[..., None])


def rimmed(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """A dark or bright inside with the opposite about it: holes, blisters, burrs."""
    sign = 1.0 if chance(rng, 0.3) else -1.0
    halo = np.clip(blurred(alpha, log_between(rng, 1.0, 3.0)) - alpha, 0, 1)
    lift = sign * (alpha * between(rng, 0.2, 0.6) - halo * between(rng, 0.1, 0.8)) * strength
    return as_field(picture + lift[..., None])


def patchwork(rng: Rng, picture: Field, alpha: Field, strength: float) -> Field:
    """Another effect in each part of it, in some none: breaks, burns, heavy wear.

    Whoever clicks one part means all of them.
    """
    labels = _cells(rng, alpha, int(rng.integers(2, 6)))
    for label in range(1, labels.max() + 1):
        if chance(rng, _LEFT_ALONE):
            continue
        part = alpha * blurred(as_field(labels == label), log_between(rng, 0.4, 3))
        effect = _PATCHES[int(rng.integers(len(_PATCHES)))]
        picture = effect(rng, picture, part, min(1.0, strength * between(rng, 0.6, 1.4)))
    return picture


def _cells(rng: Rng, alpha: Field, count: int) -> NDArray[np.int32]:
    """Return which of up to `count` places chosen within the outline is nearest, (S, S), from 1."""
    rows, columns = np.nonzero(alpha > 0.5)
    seeds = np.ones(alpha.shape, np.uint8)
    chosen = rng.permutation(len(rows))[:count]
    seeds[rows[chosen], columns[chosen]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    return np.asarray(labels, np.int32)


_PATCHES: tuple[Effect, ...] = (
    tone,
    tone,
    paint,
    cover,
    facets,
    smear,
    smear,
    roughen,
    shade,
    broken,
    broken,
)
_LEFT_ALONE = 0.15
_IN_THE_MIDDLE = 0.5
"""Share of the bright or dark spots that lie where a defect is clicked: at its deepest place."""
_WEAKEST_RIM = 0.25
COMPACT_EFFECTS: tuple[Effect, ...] = (
    tone,
    tone,
    shade,
    cover,
    paint,
    facets,
    patchwork,
    patchwork,
    cored,
    cored,
    cored,
    cored,
    broken,
    smear,
    displace,
    roughen,
    rimmed,
    lustre,
)
PIECE_EFFECTS: tuple[Effect, ...] = (
    broken,
    broken,
    broken,
    patchwork,
    cored,
    cored,
    cored,
    facets,
    smear,
    displace,
    cover,
    paint,
    tone,
)
ZONE_EFFECTS: tuple[Effect, ...] = (
    lustre,
    lustre,
    lustre,
    tone,
    tone,
    smear,
    roughen,
    displace,
    patchwork,
)
THIN_EFFECTS: tuple[Effect, ...] = (tone, paint, shade, rimmed, tone)
