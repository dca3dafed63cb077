"""A checked cotton cloth: yarn over and under yarn, dyed in stripes of both directions.

Every yarn is a rounded strip whose height follows the weave; what lies higher is
seen, and the lamp shades it.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample.camera import (
    SCALE,
    SCENE_PX,
    Colour,
    Pose,
    expose,
    expose_mask,
    lamp_falloff,
    slopes,
)
from inspector_app.sample.defects import blob, stroke, union, wandering_path
from inspector_app.sample.noise import Field, smooth_noise, smoothstep
from inspector_app.sample.product import DefectType, Photo, Product

_PITCH = 4.0 * SCALE
"""Distance of neighbouring yarns in scene pixels."""
_ECRU = (0.60, 0.53, 0.40)
_NAVY = (0.06, 0.09, 0.18)
_RUST = (0.40, 0.14, 0.06)
# One repeat of the check, in yarns.
_REPEAT = (_ECRU,) * 10 + (_NAVY,) * 10 + (_ECRU,) * 4 + (_RUST,) * 3 + (_ECRU,) * 4 + (_NAVY,) * 9
_MARGIN = 6
"""Yarns beyond the scene's edge, for shifts and creases."""
_YARN_COUNT = math.ceil(SCENE_PX / _PITCH) + 2 * _MARGIN


@dataclass(frozen=True, slots=True)
class _Cloth:
    """One piece of cloth; fields are (SCENE_PX, SCENE_PX)."""

    u: Field
    """Across the warp, in yarns: warp yarn n spans n…n+1."""
    v: Field
    """Across the weft, in yarns."""
    warp_lift: Field
    """Added to the warp's height, in yarn thicknesses; far below zero there is no yarn."""
    weft_lift: Field
    relief: Field
    """Height of the cloth as a whole, scene pixels."""
    stain: Field
    """0…1."""
    fluff: Field
    """A fibre lying on the cloth, 0…1."""


@functools.cache
def _stripes() -> NDArray[np.float32]:
    """(_YARN_COUNT, 3) colour of each yarn, the same for warp and weft."""
    repeats = math.ceil(_YARN_COUNT / len(_REPEAT))
    return np.asarray((_REPEAT * repeats)[:_YARN_COUNT], np.float32)


def _woven(rng: np.random.Generator) -> _Cloth:
    """Return a good piece, yarns as straight as a loom lays them."""
    axis = np.arange(SCENE_PX, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    pose = Pose.random(rng, angle_deg=0.8, shift_px=2.0)
    turned = pose.matrix.astype(np.float32)
    sway = 0.12 * SCALE * 3
    u = turned[0, 0] * x + turned[0, 1] * y + turned[0, 2]
    v = turned[1, 0] * x + turned[1, 1] * y + turned[1, 2]
    u += sway * smooth_noise(rng, SCENE_PX, scale_px=70.0)
    v += sway * smooth_noise(rng, SCENE_PX, scale_px=70.0)
    flat = np.zeros_like(u)
    return _Cloth(
        u=u / np.float32(_PITCH) + _MARGIN,
        v=v / np.float32(_PITCH) + _MARGIN,
        warp_lift=flat,
        weft_lift=flat,
        relief=flat,
        stain=flat,
        fluff=flat,
    )


_Damage = Callable[[np.random.Generator, _Cloth], tuple[_Cloth, Field]]


def _place(rng: np.random.Generator, *, border_px: float) -> tuple[float, float]:
    low, high = border_px * SCALE, SCENE_PX - border_px * SCALE
    return float(rng.uniform(low, high)), float(rng.uniform(low, high))


def _broken_yarn(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """One or two neighbouring yarns end and leave a ladder."""
    is_warp = rng.random() < 0.5
    x, y = _place(rng, border_px=50)
    across, along = (cloth.u, cloth.v) if is_warp else (cloth.v, cloth.u)
    at = (int(y), int(x))
    first = np.floor(across[at])
    count = int(rng.integers(1, 3))
    half = rng.uniform(6, 14)
    inside = (across >= first) & (across < first + count)
    missing = inside * smoothstep(np.abs(along - along[at]), half + 0.5, half - 0.5)
    lift = np.float32(-3.0) * missing.astype(np.float32)
    name = "warp_lift" if is_warp else "weft_lift"
    return replace(cloth, **{name: getattr(cloth, name) + lift}), missing.astype(np.float32)


def _hole(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    centre = _place(rng, border_px=40)
    size = rng.uniform(5, 10) * SCALE
    gap = blob(rng, centre, radii_px=(size, size * rng.uniform(0.6, 1)), roughness=0.35, angle_rad=rng.uniform(0, math.pi), softness=0.3)
    lift = np.float32(-4.0) * gap
    return replace(cloth, warp_lift=cloth.warp_lift + lift, weft_lift=cloth.weft_lift + lift), gap


def _stain(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    centre = _place(rng, border_px=45)
    size = rng.uniform(14, 30) * SCALE
    spot = blob(rng, centre, radii_px=(size, size * rng.uniform(0.6, 1)), roughness=0.3, angle_rad=rng.uniform(0, math.pi), softness=0.35)
    return replace(cloth, stain=np.float32(rng.uniform(0.75, 1.0)) * spot), spot


def _crease(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """A fold that was pressed in: a ridge which draws the cloth together."""
    centre = _place(rng, border_px=70)
    heading = rng.uniform(0, math.pi)
    length = rng.uniform(60, 130) * SCALE
    start = (centre[0] - math.cos(heading) * length / 2, centre[1] - math.sin(heading) * length / 2)
    path = wandering_path(rng, start, heading_rad=heading, length_px=length, waviness=0.05)
    line = stroke(path, width_px=5 * SCALE)
    ridge = cv2.GaussianBlur(line, (0, 0), 2.2 * SCALE)
    dx, dy = slopes(cv2.GaussianBlur(ridge, (0, 0), 2 * SCALE))
    pull = np.float32(10 * SCALE)
    return replace(
        cloth,
        u=cloth.u + pull * dx,
        v=cloth.v + pull * dy,
        relief=cloth.relief + np.float32(4.0 * SCALE) * ridge,
    ), (ridge > 0.3).astype(np.float32)


def _foreign_fibre(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    start = _place(rng, border_px=60)
    path = wandering_path(rng, start, heading_rad=rng.uniform(0, 2 * math.pi), length_px=rng.uniform(40, 80) * SCALE, waviness=0.35)
    line = stroke(path, width_px=1.6 * SCALE)
    return replace(cloth, fluff=line), line


def _lit(rng: np.random.Generator, cloth: _Cloth) -> Colour:
    u_yarn, v_yarn = np.floor(cloth.u), np.floor(cloth.v)
    a, b = cloth.u - u_yarn - np.float32(0.5), cloth.v - v_yarn - np.float32(0.5)
    i, j = u_yarn.astype(np.int32), v_yarn.astype(np.int32)
    i = np.clip(i, 0, _YARN_COUNT - 1)
    j = np.clip(j, 0, _YARN_COUNT - 1)
    sign = (1 - 2 * ((i + j) % 2)).astype(np.float32)
    warp = np.cos(np.float32(math.pi) * a) + sign * np.float32(0.5) * np.cos(np.float32(math.pi) * b)
    weft = np.cos(np.float32(math.pi) * b) - sign * np.float32(0.5) * np.cos(np.float32(math.pi) * a)
    thick = 1 + 0.12 * rng.standard_normal((2, _YARN_COUNT)).astype(np.float32)
    warp = warp * thick[0][i] + cloth.warp_lift
    weft = weft * thick[1][j] + cloth.weft_lift
    shade = 1 + 0.05 * rng.standard_normal((2, _YARN_COUNT, 1)).astype(np.float32)
    colours = _stripes() * shade
    is_warp = warp >= weft
    colour = np.where(is_warp[:, :, None], colours[0][i], colours[1][j])
    height = np.maximum(warp, weft)
    occlusion = np.float32(0.45) + np.float32(0.55) * smoothstep(height, -0.4, 1.1)
    empty = smoothstep(height, -1.0, -1.8)
    dx, dy = slopes(np.maximum(height, -1) * np.float32(0.25 * _PITCH) + cloth.relief)
    lamp = np.clip(1 + np.float32(0.55) * dx + np.float32(0.45) * dy, 0.15, 2.0)
    fuzz = 1 + 0.06 * rng.standard_normal(height.shape, dtype=np.float32)
    cloudy = 1 + 0.03 * smooth_noise(rng, SCENE_PX, scale_px=35.0)
    colour = colour * (occlusion * lamp * fuzz * cloudy)[:, :, None]
    colour = colour * (1 - cloth.stain[:, :, None] * np.float32([0.30, 0.42, 0.58]))
    colour = colour * (1 - empty[:, :, None]) + np.float32(0.02) * empty[:, :, None]
    fluff = cloth.fluff[:, :, None]
    return np.asarray(colour * (1 - fluff) + np.float32([0.20, 0.03, 0.04]) * fluff, np.float32)


def _photograph(rng: np.random.Generator, defect: str) -> Photo:
    cloth = _woven(rng)
    damage = np.zeros((SCENE_PX, SCENE_PX), np.float32)
    if defect:
        cloth, damage = _DAMAGES[defect](rng, cloth)
    scene = _lit(rng, cloth) * lamp_falloff(rng, strength=0.06)[:, :, None]
    return Photo(expose(scene, rng, exposure_spread=0.10), expose_mask(damage))


_DAMAGES: dict[str, _Damage] = {
    "broken_yarn": _broken_yarn,
    "hole": _hole,
    "stain": _stain,
    "crease": _crease,
    "foreign_fibre": _foreign_fibre,
}

FABRIC = Product(
    name="fabric",
    title="Checked cloth",
    summary="Woven cotton with a check of navy and rust, running under the camera.",
    kind="texture",
    defect_types=(
        DefectType("broken_yarn", "Broken yarn", "A yarn tore on the loom and left a ladder."),
        DefectType("hole", "Hole", "Yarns of both directions are torn."),
        DefectType("stain", "Stain", "Something was spilt and soaked in."),
        DefectType("crease", "Crease", "The cloth was folded and pressed."),
        DefectType("foreign_fibre", "Foreign fibre", "A loose fibre lies on the cloth."),
    ),
    photograph=_photograph,
)

_ = union
