"""One picture of a made-up product with one thing on it that somebody clicks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.mask import BoolArray
from inspector_app.domain.picture import RgbImage
from training.data.scenes.camera import lit, photographed
from training.data.scenes.defects import (
    COMPACT_EFFECTS,
    PIECE_EFFECTS,
    THIN_EFFECTS,
    ZONE_EFFECTS,
    Effect,
)
from training.data.scenes.fields import (
    Field,
    Rng,
    between,
    blurred,
    chance,
    log_between,
    mixed,
    smooth_noise,
)
from training.data.scenes.objects import (
    Built,
    with_panels,
    with_parts,
    with_print,
    with_product,
    with_rings,
    with_traces,
)
from training.data.scenes.profiles import missing_piece, with_profile
from training.data.scenes.shapes import (
    COMPACT_SHAPES,
    PART_SHAPES,
    THIN_SHAPES,
    Shape,
    edge_bite,
    zone,
)
from training.data.scenes.surfaces import collage, random_surface

GENERATOR_VERSION = 9
"""Raised whenever the same seed gives another scene; trained weights name it in their card."""

_LEAST_SHARE, _LARGEST_SHARE = 2e-4, 0.45
"""Of the picture that the clicked thing takes."""
_LEAST_DIFFERENCE = 0.03
"""Mean change, of a range of 1, that a defect makes: less, nobody would click."""
_TRIES = 12


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What a camera sees, (S, S, 3); the thing that is clicked, and others like it, (S, S)."""

    rgb: RgbImage
    mask: BoolArray
    distractors: BoolArray


@dataclass(frozen=True, eq=False, slots=True)
class _Mark:
    """A changed picture and where it was changed."""

    picture: Field
    alpha: Field


def make_scene(seed: Sequence[int], side: int) -> Scene:
    """Return the scene of a seed: always the same for the same seed and size."""
    rng = np.random.default_rng(seed)
    built = _product(rng, side)
    picture, distractors = built.picture, np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        mark = _defect(rng, replace(built, picture=picture))
        picture, distractors = mark.picture, np.maximum(distractors, mark.alpha)
    target = _target(rng, replace(built, picture=picture))
    mask = target.alpha > 0.5
    rgb = photographed(rng, lit(rng, target.picture))
    return Scene(rgb, np.asarray(mask), np.asarray((distractors > 0.5) & ~mask))


def _product(rng: Rng, side: int) -> Built:
    surface = collage(rng, side) if chance(rng, 0.12) else random_surface(rng, side)
    built = Built(surface)
    if chance(rng, 0.3):
        picture, profile = with_profile(rng, surface)
        built = Built(picture, (profile.cover,), profile)
    elif chance(rng, 0.35):
        built = with_product(rng, built.picture)
    if chance(rng, 0.1 if built.profile else 0.4):
        built = with_parts(rng, built)
    picture = built.picture
    for probability, addition in (
        (0.15, with_rings),
        (0.12, with_print),
        (0.1, with_traces),
        (0.2, with_panels),
    ):
        if chance(rng, probability):
            picture = addition(rng, picture)
    return replace(built, picture=picture)


def _target(rng: Rng, built: Built) -> _Mark:
    """Return a defect of a size that can be clicked, a part that belongs now and then."""
    mark = _Mark(built.picture, np.zeros_like(built.picture[..., 0]))
    for _ in range(_TRIES):
        mark = _part(rng, built) if chance(rng, 0.12) else _defect(rng, built)
        if _LEAST_SHARE <= float(np.mean(mark.alpha > 0.5)) <= _LARGEST_SHARE:
            return mark
    # A plain spot in the middle never fails.
    side = len(built.picture)
    spot = PART_SHAPES[0](rng, side, (side / 2, side / 2), side / 4)
    return _Mark(mixed(built.picture, 1 - built.picture, spot), spot)


def _part(rng: Rng, built: Built) -> _Mark:
    """Return a component that is clicked as it is."""
    side = len(built.picture)
    if built.things and chance(rng, 0.7):
        return _Mark(built.picture, built.things[int(rng.integers(len(built.things)))])
    shape = PART_SHAPES[int(rng.integers(len(PART_SHAPES)))]
    alpha = shape(rng, side, random_place(rng, side), log_between(rng, 0.05, 0.8) * side)
    return _Mark(mixed(built.picture, random_surface(rng, side), alpha), alpha)


def _defect(rng: Rng, built: Built) -> _Mark:
    side = len(built.picture)
    if built.profile and chance(rng, 0.55):
        alpha = missing_piece(rng, built.profile)
        return _Mark(changed_by(rng, built.picture, alpha, PIECE_EFFECTS), alpha)
    alpha, effects = random_outline(rng, side)
    if built.things and chance(rng, 0.3):
        within = alpha * built.things[int(rng.integers(len(built.things)))]
        # Many defects end where the part does; those that merely touch it do not.
        alpha = within if within.sum() > 0.3 * alpha.sum() else alpha
    return _Mark(changed_by(rng, built.picture, alpha, effects), alpha)


def random_outline(rng: Rng, side: int) -> tuple[Field, Sequence[Effect]]:
    """Return a defect's coverage (S, S), and what a defect of such a shape may do."""
    kind = rng.random()
    if kind < 0.26:
        # Many of them long: scratches and cracks are followed far from where they are clicked.
        size = (between(rng, 0.4, 1.3) if chance(rng, 0.4) else log_between(rng, 0.1, 1.1)) * side
        # Cracks often begin where the product ends.
        place = _border_place(rng, side) if chance(rng, 0.2) else random_place(rng, side)
        return _pick(rng, THIN_SHAPES)(rng, side, place, size), THIN_EFFECTS
    if kind < 0.34:
        size = log_between(rng, 0.06, 0.6) * side
        return edge_bite(rng, side, _border_place(rng, side), size), COMPACT_EFFECTS
    if kind < 0.41:
        size = log_between(rng, 0.1, 1.1) * side
        return zone(rng, side, random_place(rng, side), size), ZONE_EFFECTS
    # Of all sizes alike by their logarithm; the large ones a little more often.
    size = (between(rng, 0.2, 1.1) if chance(rng, 0.25) else log_between(rng, 0.04, 1.1)) * side
    alpha = _pick(rng, COMPACT_SHAPES)(rng, side, random_place(rng, side), size)
    if chance(rng, 0.3):
        # Soft edges; half of the coverage stays where the outline was.
        alpha = blurred(alpha, log_between(rng, 0.5, 0.5 + size * 0.06))
    return alpha, COMPACT_EFFECTS


def changed_by(rng: Rng, picture: Field, alpha: Field, effects: Sequence[Effect]) -> Field:
    """Return the picture with one or two of the effects, strong enough to be seen."""
    strength = log_between(rng, 0.2, 1.0)
    patches: Field = alpha
    if chance(rng, 0.35):
        cover = smooth_noise(rng, len(alpha), (6, 6)) * 0.5 + between(rng, 0.4, 1.0)
        patches = alpha * np.clip(cover, 0.15, 1).astype(np.float32)
    after = effects[int(rng.integers(len(effects)))](rng, picture, patches, strength)
    if chance(rng, 0.3):
        after = effects[int(rng.integers(len(effects)))](rng, after, patches, strength)
    return _visible(picture, after, alpha)


def _visible(before: Field, after: Field, alpha: Field) -> Field:
    """Return the change, made stronger if next to nothing is seen of it."""
    change = after - before
    seen = float((np.abs(change).mean(2) * alpha).sum()) / max(1e-6, float(alpha.sum()))
    if seen >= _LEAST_DIFFERENCE:
        return after
    missing = np.float32(_LEAST_DIFFERENCE - seen)
    sign = np.sign(np.float32((change * alpha[..., None]).sum())) or np.float32(1)
    return after + (alpha * missing * sign)[..., None] * np.float32(2)


def _pick(rng: Rng, shapes: Sequence[Shape]) -> Shape:
    return shapes[int(rng.integers(len(shapes)))]


def random_place(rng: Rng, side: int) -> tuple[float, float]:
    """Return x and y, not at the very border."""
    x, y = rng.uniform(0.03, 0.97, 2) * side
    return float(x), float(y)


def _border_place(rng: Rng, side: int) -> tuple[float, float]:
    place: NDArray[np.float64] = rng.uniform(0, 1, 2)
    place[int(rng.integers(2))] = rng.integers(2)
    return float(place[0] * side), float(place[1] * side)
