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
    Pose,
    Scene,
    expose,
    expose_mask,
    lamp_falloff,
    shrink,
    slopes,
)
from inspector_app.sample.defects import (
    blob,
    ellipse_distance,
    stroke,
    union,
    wandering_path,
    widened,
)
from inspector_app.sample.noise import Field, smooth_noise, smoothstep
from inspector_app.sample.product import DefectType, Photo, Product

_PITCH = 4.0 * SCALE
"""Distance of neighbouring yarns in scene pixels."""
_ECRU = (0.56, 0.50, 0.39)
_NAVY = (0.09, 0.13, 0.23)
_RUST = (0.40, 0.16, 0.08)
_REPEAT = (_ECRU,) * 10 + (_NAVY,) * 10 + (_ECRU,) * 4 + (_RUST,) * 3 + (_ECRU,) * 4 + (_NAVY,) * 9
"""One repeat of the check, a colour for each yarn."""
_SWALLOWED = np.asarray([0.30, 0.42, 0.56], np.float32)
"""Share of red, green and blue that a full stain swallows."""
_MARGIN = 6
"""Yarns beyond the scene's edge, for shifts and creases."""
_YARN_COUNT = math.ceil(SCENE_PX / _PITCH) + 2 * _MARGIN
_TABLE = np.float32(0.11)
"""Brightness of the grey table under the cloth."""


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
    table: Field
    """Brightness of the table, seen where no yarn is left."""
    stain: Field
    """0…1."""
    fibre: Field
    """Loose fibre lying on the cloth, 0…1."""
    fibre_colour: tuple[float, float, float]


def _woven(rng: np.random.Generator) -> _Cloth:
    """Return a good piece, its yarns as straight as a loom lays them."""
    axis = np.arange(SCENE_PX, dtype=np.float32)
    x, y = axis[None, :], axis[:, None]
    turned = Pose.random(rng, angle_deg=0.8, shift_px=1.5).matrix
    sway = np.float32(0.3 * SCALE)
    u = turned[0, 0] * x + turned[0, 1] * y + turned[0, 2]
    v = turned[1, 0] * x + turned[1, 1] * y + turned[1, 2]
    u = u + sway * smooth_noise(rng, SCENE_PX, scale_px=70.0)
    v = v + sway * smooth_noise(rng, SCENE_PX, scale_px=70.0)
    nothing = np.zeros_like(u)
    return _Cloth(
        u=u / np.float32(_PITCH) + _MARGIN,
        v=v / np.float32(_PITCH) + _MARGIN,
        warp_lift=nothing,
        weft_lift=nothing,
        relief=nothing,
        table=nothing,
        stain=nothing,
        fibre=nothing,
        fibre_colour=_ECRU,
    )


# Each takes a cloth and returns the damaged one and where it is damaged (0…1).
_Damage = Callable[[np.random.Generator, _Cloth], tuple[_Cloth, Field]]


def _place(rng: np.random.Generator, *, border_px: float) -> tuple[float, float]:
    """Return x, y at least `border_px` photo pixels from the edge."""
    low, high = border_px * SCALE, SCENE_PX - border_px * SCALE
    return float(rng.uniform(low, high)), float(rng.uniform(low, high))


def _broken_yarn(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """Two or three neighbouring yarns tore; they leave a ladder and curled ends."""
    is_warp = rng.random() < 0.5
    x, y = _place(rng, border_px=60)
    across, along = (cloth.u, cloth.v) if is_warp else (cloth.v, cloth.u)
    at = (int(y), int(x))
    count = int(rng.integers(2, 4))
    first = math.floor(across[at])
    half = rng.uniform(7, 14)
    inside = ((across >= first) & (across < first + count)).astype(np.float32)
    gap = inside * smoothstep(np.abs(along - along[at]), half + 0.5, half - 0.5)
    ends: list[Field] = []
    for sign in (-1, 1):
        reach = sign * half * _PITCH
        start = (x, y + reach) if is_warp else (x + reach, y)
        heading = (math.pi / 2 if is_warp else 0.0) + (math.pi if sign > 0 else 0.0)
        path = wandering_path(
            rng,
            start,
            heading_rad=heading + rng.normal(0, 0.5),
            length_px=rng.uniform(8, 16) * SCALE,
            waviness=0.6,
        )
        ends.append(stroke(path, width_px=1.8 * SCALE))
    curls = union(ends)
    lift = np.float32(-3.0) * gap
    colour = _stripes()[min(max(first, 0), _YARN_COUNT - 1)].tolist()
    damaged = replace(cloth, fibre=curls, fibre_colour=(colour[0], colour[1], colour[2]))
    # What crossed the torn yarns has lost its support and sags into the shade.
    sag = np.float32(-0.45) * gap
    warp_lift, weft_lift = (lift, sag) if is_warp else (sag, lift)
    damaged = replace(damaged, warp_lift=warp_lift, weft_lift=weft_lift)
    return damaged, union([gap, curls])


def _hole(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """Yarns of both directions torn, the cloth around it pushed up."""
    centre = _place(rng, border_px=40)
    size = rng.uniform(8, 13) * SCALE
    radii = (size, size * rng.uniform(0.6, 1))
    angle = rng.uniform(0, math.pi)
    gap = blob(rng, centre, radii_px=radii, angle_rad=angle, roughness=0.3, softness=0.35)
    distance = ellipse_distance(centre, radii_px=radii, angle_rad=angle)
    bulge = np.float32(2.5 * SCALE) * np.exp(np.float32(-3) * (distance - 1) ** 2)
    lift = np.float32(-4.0) * gap
    table = _TABLE * (1 + np.float32(0.15) * smooth_noise(rng, SCENE_PX, scale_px=3.0))
    damaged = replace(cloth, warp_lift=lift, weft_lift=lift, relief=bulge, table=table)
    return damaged, widened((gap > 0.4).astype(np.float32), by_px=2)


def _stain(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """A spill that soaked in and left a darker rim."""
    size = rng.uniform(16, 28) * SCALE
    spot = blob(
        rng,
        _place(rng, border_px=45),
        radii_px=(size, size * rng.uniform(0.6, 1)),
        angle_rad=rng.uniform(0, math.pi),
        softness=0.5,
    )
    rim = np.float32(1.6) * spot * (1 - spot)
    return replace(cloth, stain=np.float32(rng.uniform(0.7, 0.95)) * (spot + rim)), spot


def _crease(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """A fold that was pressed in: a ridge which draws the cloth together."""
    x, y = _place(rng, border_px=80)
    heading = rng.uniform(0, math.pi)
    length = rng.uniform(90, 150) * SCALE
    start = (x - math.cos(heading) * length / 2, y - math.sin(heading) * length / 2)
    path = wandering_path(rng, start, heading_rad=heading, length_px=length, waviness=0.03)
    line = stroke(path, width_px=4 * SCALE)
    distance = ellipse_distance((x, y), radii_px=(length / 2, length / 2))
    ridge = cv2.GaussianBlur(line, (0, 0), 2.0 * SCALE) * smoothstep(distance, 1.0, 0.4)
    dx, dy = slopes(np.asarray(cv2.GaussianBlur(ridge, (0, 0), 2.0 * SCALE), np.float32))
    pull = np.float32(rng.uniform(9, 14) * SCALE)
    damaged = replace(
        cloth,
        u=cloth.u + pull * dx,
        v=cloth.v + pull * dy,
        relief=np.float32(rng.uniform(3.5, 5.0) * SCALE) * ridge,
    )
    return damaged, (ridge > 0.12).astype(np.float32)


def _foreign_fibre(rng: np.random.Generator, cloth: _Cloth) -> tuple[_Cloth, Field]:
    """A loose yarn of one of the cloth's own colours, from another bobbin."""
    path = wandering_path(
        rng,
        _place(rng, border_px=80),
        heading_rad=rng.uniform(0, 2 * math.pi),
        length_px=rng.uniform(60, 110) * SCALE,
        waviness=0.3,
    )
    line = stroke(path, width_px=rng.uniform(2.2, 3.0) * SCALE)
    colour = (_ECRU, _NAVY, _RUST)[int(rng.integers(3))]
    return replace(cloth, fibre=line, fibre_colour=colour), line


@functools.cache
def _stripes() -> NDArray[np.float32]:
    """(_YARN_COUNT, 3) colour of each yarn, the same for warp and weft."""
    repeats = math.ceil(_YARN_COUNT / len(_REPEAT))
    return np.asarray((_REPEAT * repeats)[:_YARN_COUNT], np.float32)


def _lit(rng: np.random.Generator, cloth: _Cloth) -> Scene:
    warp_index, a = _yarn_and_offset(cloth.u)
    weft_index, b = _yarn_and_offset(cloth.v)
    # Plain weave: warp and weft take turns on top. Parabolas for the round of the yarns.
    sign = (1 - 2 * ((warp_index + weft_index) & 1)).astype(np.float32)
    round_a, round_b = 1 - 4 * a * a, 1 - 4 * b * b
    thickness = 1 + 0.10 * rng.standard_normal((2, _YARN_COUNT)).astype(np.float32)
    warp = (round_a + np.float32(0.5) * sign * round_b) * thickness[0][warp_index]
    weft = (round_b - np.float32(0.5) * sign * round_a) * thickness[1][weft_index]
    warp, weft = warp + cloth.warp_lift, weft + cloth.weft_lift
    dye = 1 + 0.04 * rng.standard_normal((2, _YARN_COUNT, 1)).astype(np.float32)
    yarns = (_stripes() * dye).reshape(-1, 3)
    seen = np.where(warp >= weft, warp_index, weft_index + _YARN_COUNT)
    brightness = _shading(rng, np.maximum(warp, weft), cloth)
    colour = np.take(yarns, seen, axis=0) * brightness[:, :, None]
    if cloth.stain.any():
        colour *= 1 - cloth.stain[:, :, None] * _SWALLOWED
    if cloth.warp_lift.any() or cloth.weft_lift.any():
        empty = smoothstep(np.maximum(warp, weft), -1.0, -1.6)
        colour += empty[:, :, None] * (cloth.table[:, :, None] - colour)
    if cloth.fibre.any():
        fibre = cloth.fibre[:, :, None]
        shadow = np.roll(fibre, (2, 2), axis=(0, 1))
        colour *= 1 - np.float32(0.35) * shadow
        colour += fibre * (np.asarray(cloth.fibre_colour, np.float32) - colour)
    return colour * _husks(rng)[:, :, None]


def _husks(rng: np.random.Generator) -> Field:
    """Return the transparency of cotton husk specks, which every good cloth carries too."""
    canvas = np.full((SCENE_PX, SCENE_PX), 255, np.uint8)
    for x, y in rng.integers(0, SCENE_PX, (int(rng.integers(8, 16)), 2)):
        cv2.circle(canvas, (int(x), int(y)), 1, int(rng.integers(40, 130)), -1, cv2.LINE_AA)
    return canvas.astype(np.float32) / np.float32(255.0)


def _yarn_and_offset(position: Field) -> tuple[NDArray[np.int32], Field]:
    """Return the yarn's number and the offset from its middle line, −0.5…0.5."""
    whole = np.floor(position)
    number = np.clip(whole, 0, _YARN_COUNT - 1).astype(np.int32)
    return number, np.asarray(position - whole - np.float32(0.5), np.float32)


def _shading(rng: np.random.Generator, height: Field, cloth: _Cloth) -> Field:
    """Return the light that falls on the yarns: less in the gaps, more towards the lamp."""
    gap = np.float32(0.45) + np.float32(0.55) * smoothstep(height, -0.3, 1.1)
    surface = np.maximum(height, -1) * np.float32(0.25 * _PITCH) + cloth.relief
    dx, dy = slopes(surface)
    lamp = np.clip(1 + np.float32(0.50) * dx + np.float32(0.40) * dy, 0.45, 1.5)
    fuzz = 1 + np.float32(0.06) * rng.standard_normal(height.shape, dtype=np.float32)
    cloudy = 1 + np.float32(0.03) * smooth_noise(rng, SCENE_PX, scale_px=35.0)
    return np.asarray(gap * lamp * fuzz * cloudy, np.float32)


def _photograph(rng: np.random.Generator, defect: str) -> Photo:
    cloth = _woven(rng)
    damage = np.zeros((SCENE_PX, SCENE_PX), np.float32)
    if defect:
        # From a generator of its own, so that the same piece can be shown undamaged.
        cloth, damage = _DAMAGES[defect](rng.spawn(1)[0], cloth)
    falloff = shrink(lamp_falloff(rng, strength=0.06))
    light = shrink(_lit(rng, cloth)) * falloff[:, :, None]
    return Photo(expose(light, rng, exposure_spread=0.08), expose_mask(damage))


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
        DefectType("broken_yarn", "Broken yarn", "Yarns tore on the loom and left a ladder."),
        DefectType("hole", "Hole", "Yarns of both directions are torn."),
        DefectType("stain", "Stain", "Something was spilt and soaked in."),
        DefectType("crease", "Crease", "The cloth was folded and pressed."),
        DefectType("foreign_fibre", "Foreign fibre", "A loose yarn lies on the cloth."),
    ),
    photograph=_photograph,
)
