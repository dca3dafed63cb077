"""A turned stainless-steel flange seen from above: bore, serrated face, four bolt holes, engraving.

Drawn as a height map with a groove direction and lit by two strip lamps and a
ring lamp; turned steel scatters light across its grooves, hence the bow-tie
highlights (Ward's anisotropic lobe, 1992).
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.opencv import cv2
from inspector_app.sample.camera import (
    SCALE,
    SCENE_PX,
    Pose,
    expose,
    expose_mask,
    lamp_falloff,
    shrink,
    slopes,
)
from inspector_app.sample.defects import (
    blob,
    ellipse_distance,
    random_place,
    stroke,
    union,
    wandering_path,
    widened,
)
from inspector_app.sample.noise import Field, smooth_noise, smooth_noise_1d, smoothstep
from inspector_app.sample.product import DefectType, Photo, Product

_CENTRE = (SCENE_PX - 1) / 2
# Radii in scene pixels.
_RIM = 138 * SCALE
_FACE = 90 * SCALE
_BORE = 44 * SCALE
_BOLT_CIRCLE = 114 * SCALE
_BOLT_HOLE = 13 * SCALE
_CHAMFER = 4 * SCALE
_BOLT_ANGLES_RAD = tuple(math.radians(45 + 90 * n) for n in range(4))
_MARKINGS = ("DN50 PN16", "EN 1092-1", "1.4404 L27", "INSPECTOR")
_LETTER_HEIGHT = 12 * SCALE


@dataclass(frozen=True, slots=True)
class _Part:
    """One flange, upright; all fields (SCENE_PX, SCENE_PX)."""

    height: Field
    """Scene pixels above the mat."""
    cover: Field
    """1 where there is metal, 0 where the mat shows."""
    reflectance: Field
    """Factor on the metal's brightness."""
    roughness: Field
    """0: light scatters across the grooves only; 1: in all directions."""
    film: Field
    """Thickness of an oil film, 0…1."""
    letters: Field
    """Depth of the engraving, 0…1."""

    def posed(self, pose: Pose) -> "_Part":
        return _Part(*(pose.apply(getattr(self, each.name)) for each in fields(self)))


@functools.cache
def _polar() -> tuple[Field, Field]:
    """Radius and angle (clockwise on screen from the right, 0…2π) of every pixel of the part."""
    axis = np.arange(SCENE_PX, dtype=np.float32) - np.float32(_CENTRE)
    radius = np.hypot(axis[None, :], axis[:, None])
    angle = np.mod(np.arctan2(axis[:, None], axis[None, :]), 2 * math.pi)
    return radius.astype(np.float32), angle.astype(np.float32)


@functools.cache
def _bolt_distance() -> Field:
    """Distance from the nearest bolt hole's centre."""
    distances = [
        ellipse_distance(_bolt_centre(angle), radii_px=(1.0, 1.0)) for angle in _BOLT_ANGLES_RAD
    ]
    return np.asarray(np.minimum.reduce(distances), np.float32)


def _bolt_centre(angle_rad: float) -> tuple[float, float]:
    return (
        _CENTRE + _BOLT_CIRCLE * math.cos(angle_rad),
        _CENTRE + _BOLT_CIRCLE * math.sin(angle_rad),
    )


@functools.cache
def _engraving() -> Field:
    """Return the lettering, 0…1, bent around the bolt circle between the holes."""
    radius, angle = _polar()
    band = round(_LETTER_HEIGHT * 2.2)
    length = round(2 * math.pi * _BOLT_CIRCLE)
    font, weight = cv2.FONT_HERSHEY_DUPLEX, 2
    scale = cv2.getFontScaleFromHeight(font, round(_LETTER_HEIGHT), weight)
    strip = np.zeros((band, length), np.uint8)
    for number, text in enumerate(_MARKINGS):
        (width, height), _ = cv2.getTextSize(text, font, scale, weight)
        origin = (round(length * (number + 0.5) / 4 - width / 2), (band + height) // 2)
        cv2.putText(strip, text, origin, font, scale, 255, weight, cv2.LINE_AA)
    # The strip's seam is turned into a bolt hole, where nothing is written.
    turned = np.mod(angle - np.float32(_BOLT_ANGLES_RAD[0]), np.float32(2 * math.pi))
    columns = turned * np.float32(length / (2 * math.pi))
    rows = np.float32(_BOLT_CIRCLE + band / 2) - radius
    bent = cv2.remap(strip, columns, rows, cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(bent.astype(np.float32) / np.float32(255.0))


@functools.cache
def _blank() -> _Part:
    """A flange as every good one is, before its own tool marks."""
    radius, _ = _polar()
    bolt = _bolt_distance()
    height = np.full_like(radius, 14 * SCALE)
    height -= 3 * SCALE * smoothstep(radius, _RIM - _CHAMFER, _RIM)
    height += 3 * SCALE * smoothstep(radius, _FACE + _CHAMFER, _FACE)
    height -= 4 * SCALE * smoothstep(radius, _BORE + 1.3 * _CHAMFER, _BORE)
    height -= 2.5 * SCALE * smoothstep(bolt, _BOLT_HOLE + _CHAMFER, _BOLT_HOLE)
    serrated = smoothstep(radius, _BORE, _BORE + 3 * _CHAMFER) * smoothstep(
        radius, _FACE - 0.5 * _CHAMFER, _FACE - 2.5 * _CHAMFER
    )
    height += 0.16 * SCALE * serrated * np.sin(radius * np.float32(2 * math.pi / (3.6 * SCALE)))
    cover = np.clip(_RIM - radius + 0.5, 0, 1) * np.clip(radius - _BORE + 0.5, 0, 1)
    cover *= np.clip(bolt - _BOLT_HOLE + 0.5, 0, 1)
    return _Part(
        height=height.astype(np.float32),
        cover=cover.astype(np.float32),
        reflectance=np.ones_like(radius),
        roughness=np.full_like(radius, 0.12),
        film=np.zeros_like(radius),
        letters=_engraving(),
    )


@functools.cache
def _flat() -> NDArray[np.bool_]:
    """Where the metal is wide enough for a mark to sit wholly on it."""
    return np.asarray(cv2.erode(_blank().cover, np.ones((15, 15), np.uint8)) > 0.99)


def _machined(rng: np.random.Generator) -> _Part:
    """Return a good part: rings of its own tool marks, and faint cloudiness."""
    radius, _ = _polar()
    rings = 0.05 * smooth_noise_1d(rng, SCENE_PX, scale=1.5)
    rings += 0.04 * smooth_noise_1d(rng, SCENE_PX, scale=12.0)
    cloud = np.float32(0.03) * smooth_noise(rng, SCENE_PX, scale_px=40.0)
    wear = rings.astype(np.float32)[radius.astype(np.int32)] + cloud
    return replace(_blank(), reflectance=1 + wear)


# Each takes a part and returns the damaged one and where it is damaged (0…1).
_Damage = Callable[[np.random.Generator, _Part], tuple[_Part, Field]]


def _scratch(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    x, y = random_place(rng, _flat())
    heading = rng.uniform(0.0, 2 * math.pi)
    lines: list[Field] = []
    for _ in range(int(rng.integers(1, 3))):
        length = rng.uniform(45, 100) * SCALE
        start = (
            x - math.cos(heading) * length / 2 + rng.normal(0, 6),
            y - math.sin(heading) * length / 2 + rng.normal(0, 6),
        )
        path = wandering_path(
            rng,
            start,
            heading_rad=heading + rng.normal(0, 0.1),
            length_px=length,
            waviness=0.05,
        )
        lines.append(stroke(path, width_px=rng.uniform(1.3, 2.2) * SCALE))
    line = union(lines) * part.cover
    depth = np.float32(rng.uniform(0.9, 1.5) * SCALE)
    damaged = replace(
        part,
        height=part.height - depth * cv2.GaussianBlur(line, (0, 0), 1.0),
        roughness=np.maximum(part.roughness, line),
    )
    return damaged, widened(line, by_px=1)


def _dent(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """A dimple with a raised lip."""
    size = rng.uniform(9.0, 15.0) * SCALE
    distance = ellipse_distance(
        random_place(rng, _flat()),
        radii_px=(size, size * rng.uniform(0.65, 1.0)),
        angle_rad=rng.uniform(0, math.pi),
    )
    dimple = np.exp(-2.2 * distance**2) - 0.35 * np.exp(-14.0 * (distance - 1.05) ** 2)
    depth = np.float32(size * rng.uniform(0.26, 0.36))
    damaged = replace(part, height=part.height - depth * dimple.astype(np.float32))
    return damaged, (distance < 1.1).astype(np.float32) * part.cover


def _chipped_edge(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """Material broken out of the rim or the bore, leaving a rough fracture."""
    radius, towards_void = (_RIM, 1.0) if rng.random() < 0.7 else (_BORE, -1.0)
    azimuth = rng.uniform(0, 2 * math.pi)
    size = rng.uniform(13.0, 21.0) * SCALE

    def bitten(offset: float, scale: float, soft: float) -> Field:
        reach = radius + towards_void * offset * size
        centre = (_CENTRE + reach * math.cos(azimuth), _CENTRE + reach * math.sin(azimuth))
        radii = (scale * size * 0.6, scale * size)
        return blob(rng, centre, radii_px=radii, angle_rad=azimuth, roughness=0.2, softness=soft)

    fracture, gone = bitten(0.0, 1.0, 0.4), bitten(0.2, 0.85, 0.1)
    facets = np.float32(0.9 * SCALE) * smooth_noise(rng, SCENE_PX, scale_px=6.0)
    damaged = replace(
        part,
        height=part.height + fracture * (facets - np.float32(3 * SCALE)),
        cover=part.cover * (1 - gone),
        reflectance=part.reflectance * (1 - np.float32(0.35) * fracture),
        roughness=np.maximum(part.roughness, fracture),
        letters=part.letters * (1 - fracture),
    )
    return damaged, union([fracture, gone]) * part.cover


def _oil_stain(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """A dried puddle and some drops beside it."""
    x, y = random_place(rng, _flat())
    size = rng.uniform(14.0, 24.0) * SCALE
    radii = (size, size * rng.uniform(0.55, 0.9))
    spots = [blob(rng, (x, y), radii_px=radii, angle_rad=rng.uniform(0, math.pi), softness=0.3)]
    for _ in range(int(rng.integers(1, 4))):
        centre = (x + rng.normal(0, size * 0.9), y + rng.normal(0, size * 0.9))
        drop = size * rng.uniform(0.12, 0.3)
        spots.append(blob(rng, centre, radii_px=(drop, drop)))
    film = union(spots) * part.cover
    return replace(part, film=np.float32(rng.uniform(0.75, 1.0)) * film), film


def _missing_marking(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """The engraver left out a stretch of one marking."""
    _, angle = _polar()
    middle = math.pi / 2 * int(rng.integers(4)) + rng.uniform(-0.2, 0.2)
    half = rng.uniform(0.16, 0.34)
    off = np.abs(np.mod(angle - np.float32(middle - math.pi), np.float32(2 * math.pi)) - math.pi)
    lost = part.letters * smoothstep(off.astype(np.float32), half + 0.03, half - 0.03)
    where = widened((lost > 0.3).astype(np.float32), by_px=4)
    return replace(part, letters=part.letters - lost), where


@dataclass(frozen=True, slots=True)
class _Lamp:
    """A strip lamp, by the slope of metal that mirrors it into the camera."""

    azimuth_deg: float
    slope: float
    brightness: float


_RING_LAMP = 0.15
_LAMPS = (_Lamp(-115.0, 0.50, 0.85), _Lamp(40.0, 0.55, 0.55), _Lamp(160.0, 0.70, 0.30))


def _lit_metal(rng: np.random.Generator, part: _Part, centre_xy: tuple[float, float]) -> Field:
    """Return the light that comes back from the metal."""
    dx, dy = slopes(part.height - np.float32(0.25 * SCALE) * part.letters)
    axis = np.arange(SCENE_PX, dtype=np.float32)
    x, y = axis[None, :] - np.float32(centre_xy[0]), axis[:, None] - np.float32(centre_xy[1])
    outward = 1 / (np.hypot(x, y) + np.float32(1e-3))
    x, y = x * outward, y * outward
    # Slopes of the microscopic facets: wide across the grooves, narrow along them.
    along = np.float32(0.10) + np.float32(0.40) * part.roughness
    across = np.float32(0.55)
    light = np.float32(0.03) + np.float32(_RING_LAMP) * np.exp(
        (dx * dx + dy * dy) * np.float32(-0.5 / 0.45**2)
    )
    peak = (np.float32(0.10) + np.float32(0.2) * part.roughness) / along
    for lamp in _LAMPS:
        azimuth = math.radians(lamp.azimuth_deg + rng.uniform(-2, 2))
        off_x = dx + np.float32(lamp.slope * math.cos(azimuth))
        off_y = dy + np.float32(lamp.slope * math.sin(azimuth))
        a = (off_y * x - off_x * y) / along
        b = (off_x * x + off_y * y) / across
        light += np.float32(lamp.brightness) * peak * np.exp(np.float32(-0.5) * (a * a + b * b))
    return light * part.reflectance * (1 - np.float32(0.65) * part.letters)


def _lit_mat(rng: np.random.Generator, cover: Field) -> Field:
    """Return the light from the rubber mat, darker where the part shades it."""
    pile = 1 + 0.12 * smooth_noise(rng, SCENE_PX, scale_px=2.5)
    pile += 0.05 * smooth_noise(rng, SCENE_PX, scale_px=30.0)
    # The shadow is wide and soft: it may be found on a small image.
    small = cv2.resize(cover, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    shade = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.3), (SCENE_PX, SCENE_PX))
    return np.asarray(np.float32(0.035) * pile * (1 - np.float32(0.75) * shade), np.float32)


# What metal, metal under a full oil film and mat add to red, green and blue.
# Oil swallows light, most of it blue.
_COLOURS = np.asarray(
    [[0.99, 0.99 * -0.40, 0.80], [1.00, 1.00 * -0.48, 0.95], [1.03, 1.03 * -0.62, 1.20]], np.float32
)


def _photograph(rng: np.random.Generator, defect: str) -> Photo:
    part = _machined(rng)
    damage = np.zeros((SCENE_PX, SCENE_PX), np.float32)
    if defect:
        # From a generator of its own, so that the same part can be shown undamaged.
        part, damage = _DAMAGES[defect](rng.spawn(1)[0], part)
    pose = Pose.random(rng, angle_deg=1.5, shift_px=1.5)
    part = part.posed(pose)
    falloff = lamp_falloff(rng, strength=0.06)
    centre = (_CENTRE + pose.shift_x, _CENTRE + pose.shift_y)
    metal = _lit_metal(rng, part, centre) * part.cover * falloff
    mat = _lit_mat(rng, part.cover) * (1 - part.cover) * falloff
    layers = shrink(np.dstack([metal, metal * part.film, mat]))
    light = np.asarray(cv2.transform(layers, _COLOURS), np.float32)
    return Photo(expose(light, rng, exposure_spread=0.08), expose_mask(pose.apply(damage)))


_DAMAGES: dict[str, _Damage] = {
    "scratch": _scratch,
    "dent": _dent,
    "chipped_edge": _chipped_edge,
    "oil_stain": _oil_stain,
    "missing_marking": _missing_marking,
}

FLANGE = Product(
    name="flange",
    title="Steel flange",
    summary="A turned flange under two strip lamps, always in nearly the same place.",
    kind="object",
    defect_types=(
        DefectType("scratch", "Scratch", "A hard edge was dragged over the finished face."),
        DefectType("dent", "Dent", "Something fell on the part; nothing is missing."),
        DefectType("chipped_edge", "Chipped edge", "Material broke out of the rim or the bore."),
        DefectType("oil_stain", "Oil stain", "Cutting oil was not washed off and dried."),
        DefectType("missing_marking", "Missing marking", "The engraver skipped some characters."),
    ),
    photograph=_photograph,
)
