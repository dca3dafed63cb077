"""A turned stainless-steel flange seen from above: bore, serrated face, four bolt holes, engraving.

Drawn as a height map with a groove direction and lit by two strip lamps and a
ring lamp; turned steel scatters light across its grooves, hence the bow-tie
highlights (Ward's anisotropic lobe, 1992).
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
from inspector_app.sample.defects import (
    blob,
    ellipse_distance,
    random_place,
    stroke,
    union,
    wandering_path,
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
_CHAMFER = 3.5 * SCALE
_BOLT_ANGLES_RAD = tuple(math.radians(45 + 90 * n) for n in range(4))
_MARKINGS = ("DN50 PN16", "EN 1092-1", "1.4404 L27", "INSPECTOR")
_LETTER_HEIGHT = 11 * SCALE


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


def _engraving(markings: tuple[str, ...]) -> Field:
    """Return the lettering, 0…1, bent around the bolt circle between the holes."""
    radius, angle = _polar()
    band = round(_LETTER_HEIGHT * 2.2)
    length = round(2 * math.pi * _BOLT_CIRCLE)
    strip = np.zeros((band, length), np.uint8)
    for number, text in enumerate(markings):
        scale = cv2.getFontScaleFromHeight(cv2.FONT_HERSHEY_SIMPLEX, round(_LETTER_HEIGHT), 2)
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
        origin = (round(length * (number + 0.5) / 4 - width / 2), (band + height) // 2)
        cv2.putText(strip, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 2, cv2.LINE_AA)
    # The strip's seam is turned into a bolt hole, where nothing is written.
    turned = np.mod(angle - np.float32(_BOLT_ANGLES_RAD[0]), 2 * math.pi)
    columns = turned * np.float32(length / (2 * math.pi))
    rows = np.float32(_BOLT_CIRCLE + band / 2) - radius
    bent = cv2.remap(strip, columns, rows, cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(bent.astype(np.float32) / np.float32(255.0))


@functools.cache
def _full_engraving() -> Field:
    return _engraving(_MARKINGS)


@functools.cache
def _blank() -> _Part:
    """A flange before engraving."""
    radius, _ = _polar()
    bolt = _bolt_distance()
    height = np.full_like(radius, 14 * SCALE)
    height -= 3 * SCALE * smoothstep(radius, _RIM - _CHAMFER, _RIM)
    height += 3 * SCALE * smoothstep(radius, _FACE + _CHAMFER, _FACE)
    height -= 4 * SCALE * smoothstep(radius, _BORE + 1.3 * _CHAMFER, _BORE)
    height -= 2 * SCALE * smoothstep(bolt, _BOLT_HOLE + _CHAMFER, _BOLT_HOLE)
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
    )


def _engraved(part: _Part, letters: Field) -> _Part:
    return replace(
        part,
        height=part.height - np.float32(0.9 * SCALE) * letters,
        reflectance=part.reflectance * (1 - np.float32(0.5) * letters),
        roughness=np.maximum(part.roughness, letters),
    )


def _machined(rng: np.random.Generator, part: _Part) -> _Part:
    """Give the part its own tool marks: rings that differ in brightness, and faint cloudiness."""
    radius, _ = _polar()
    rings = 0.05 * smooth_noise_1d(rng, SCENE_PX, scale=1.5) + 0.04 * smooth_noise_1d(
        rng, SCENE_PX, scale=12.0
    )
    cloud = 0.03 * smooth_noise(rng, SCENE_PX, scale_px=40.0)
    wear = rings[radius.astype(np.int32)] + cloud
    return replace(part, reflectance=part.reflectance * (1 + wear.astype(np.float32)))


# Each defect takes an engraved part and returns the damaged one and where it is damaged (0…1).
_Damage = Callable[[np.random.Generator, _Part], tuple[_Part, Field]]


def _flat(part: _Part) -> NDArray[np.bool_]:
    """Where the metal is flat enough for a mark to sit wholly on it."""
    return np.asarray(cv2.erode(part.cover, np.ones((13, 13), np.uint8)) > 0.99)


def _scratch(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    lines: list[Field] = []
    start = random_place(rng, _flat(part))
    heading = rng.uniform(0.0, 2 * math.pi)
    for _ in range(int(rng.integers(1, 3))):
        path = wandering_path(
            rng,
            (start[0] + rng.normal(0, 8), start[1] + rng.normal(0, 8)),
            heading_rad=heading + rng.normal(0, 0.12),
            length_px=rng.uniform(40, 110) * SCALE,
            waviness=0.06,
        )
        lines.append(stroke(path, width_px=rng.uniform(1.4, 2.2) * SCALE))
    line = union(lines) * part.cover
    groove = cv2.GaussianBlur(line, (0, 0), 1.0)
    damaged = replace(
        part,
        height=part.height - np.float32(rng.uniform(0.9, 1.5) * SCALE) * groove,
        roughness=np.maximum(part.roughness, line),
    )
    return damaged, _widened(line, 1)


def _dent(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    centre = random_place(rng, _flat(part))
    size = rng.uniform(6.0, 12.0) * SCALE
    distance = ellipse_distance(
        centre,
        radii_px=(size, size * rng.uniform(0.6, 1.0)),
        angle_rad=rng.uniform(0, math.pi),
    )
    pit = np.exp(-2.2 * distance**2) - 0.35 * np.exp(-14.0 * (distance - 1.05) ** 2)
    depth = size * rng.uniform(0.22, 0.32)
    damaged = replace(part, height=part.height - np.float32(depth) * pit.astype(np.float32))
    return damaged, (distance < 1.15).astype(np.float32) * part.cover


def _chipped_edge(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """Material broken out of the rim or the bore, leaving a rough fracture."""
    edge = (_RIM, -1.0) if rng.random() < 0.65 else (_BORE, 1.0)
    angle = rng.uniform(0, 2 * math.pi)
    size = rng.uniform(8.0, 15.0) * SCALE
    centre = (
        _CENTRE + (edge[0] + edge[1] * 0.1 * size) * math.cos(angle),
        _CENTRE + (edge[0] + edge[1] * 0.1 * size) * math.sin(angle),
    )
    radii = (size * rng.uniform(0.5, 0.8), size)
    bite = blob(rng, centre, radii_px=radii, angle_rad=angle, roughness=0.3, softness=0.12)
    core = blob(
        rng,
        (
            centre[0] - edge[1] * 0.45 * size * math.cos(angle),
            centre[1] - edge[1] * 0.45 * size * math.sin(angle),
        ),
        radii_px=(radii[0] * 0.8, radii[1] * 0.8),
        angle_rad=angle,
        roughness=0.3,
        softness=0.12,
    )
    facets = 1.6 * SCALE * smooth_noise(rng, SCENE_PX, scale_px=4.0)
    damaged = replace(
        part,
        height=part.height + bite * (facets - np.float32(5 * SCALE)),
        cover=part.cover * (1 - core),
        reflectance=part.reflectance * (1 - np.float32(0.25) * bite),
        roughness=np.maximum(part.roughness, bite),
    )
    return damaged, union([bite, core]) * part.cover


def _oil_stain(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    centre = random_place(rng, _flat(part))
    size = rng.uniform(13.0, 24.0) * SCALE
    spots = [
        blob(
            rng,
            centre,
            radii_px=(size, size * rng.uniform(0.55, 0.9)),
            angle_rad=rng.uniform(0, math.pi),
            roughness=0.3,
            softness=0.35,
        )
    ]
    for _ in range(int(rng.integers(1, 4))):
        away = rng.normal(0, size * 0.9, 2)
        radius = size * rng.uniform(0.12, 0.3)
        spots.append(
            blob(rng, (centre[0] + away[0], centre[1] + away[1]), radii_px=(radius, radius))
        )
    film = union(spots) * part.cover
    return replace(part, film=np.float32(rng.uniform(0.75, 1.0)) * film), film


def _missing_marking(rng: np.random.Generator, part: _Part) -> tuple[_Part, Field]:
    """Handled where the part is engraved: see `_engrave_with_gap`."""
    gap = _marking_gap(rng)
    lost = _full_engraving() * gap
    restored = replace(
        part,
        height=part.height + np.float32(0.9 * SCALE) * lost,
        reflectance=part.reflectance / (1 - np.float32(0.5) * lost),
        roughness=part.roughness * (1 - lost) + np.float32(0.12) * lost,
    )
    return restored, _widened((lost > 0.3).astype(np.float32), 5)


def _marking_gap(rng: np.random.Generator) -> Field:
    """Return where a tool that skipped left letters out: a stretch of one marking."""
    _, angle = _polar()
    side = math.pi / 2 * int(rng.integers(4))
    middle = side + rng.uniform(-0.25, 0.25)
    half = rng.uniform(0.16, 0.34)
    off = np.abs(np.mod(angle - np.float32(middle) + math.pi, 2 * math.pi) - math.pi)
    return smoothstep(off.astype(np.float32), half + 0.03, half - 0.03)


def _widened(field: Field, by_px: int) -> Field:
    size = 2 * by_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(field, kernel), np.float32)


@dataclass(frozen=True, slots=True)
class _Lamp:
    """A strip lamp, by the surface slope that mirrors it into the camera."""

    azimuth_deg: float
    slope: float
    brightness: tuple[float, float, float]


_LAMPS = (
    _Lamp(-115.0, 0.50, (0.52, 0.55, 0.58)),
    _Lamp(40.0, 0.55, (0.36, 0.36, 0.36)),
    _Lamp(160.0, 0.70, (0.20, 0.21, 0.23)),
)


def _lit_metal(rng: np.random.Generator, part: _Part, centre_xy: tuple[float, float]) -> Colour:
    dx, dy = slopes(part.height)
    axis = np.arange(SCENE_PX, dtype=np.float32)
    x, y = axis[None, :] - np.float32(centre_xy[0]), axis[:, None] - np.float32(centre_xy[1])
    radius = np.hypot(x, y) + np.float32(1e-3)
    rx, ry = x / radius, y / radius
    across = np.float32(0.55)
    along = np.float32(0.11) + np.float32(0.4) * part.roughness
    peak = np.float32(0.11) / along * (1 + 2 * part.roughness)
    ring = np.exp(-(dx * dx + dy * dy) / np.float32(2 * 0.45**2))
    light = np.float32(0.035) + np.float32(0.16) * ring[:, :, None] * np.float32([0.97, 1.0, 1.03])
    for lamp in _LAMPS:
        azimuth = math.radians(lamp.azimuth_deg + rng.uniform(-3, 3))
        hx = np.float32(lamp.slope * math.cos(azimuth)) + dx
        hy = np.float32(lamp.slope * math.sin(azimuth)) + dy
        a = (hy * rx - hx * ry) / along
        b = (hx * rx + hy * ry) / across
        lobe = peak * np.exp(-0.5 * (a * a + b * b))
        light = light + lobe[:, :, None] * np.float32(lamp.brightness)
    light = light * part.reflectance[:, :, None]
    # Oil: swallows light, most of it blue.
    film = part.film[:, :, None] * np.float32([0.34, 0.42, 0.55])
    return np.asarray(light * (1 - film), np.float32)


def _mat(rng: np.random.Generator, part: _Part) -> Colour:
    """The rubber mat under the part, darker where the part shades it."""
    pile = 1 + 0.10 * smooth_noise(rng, SCENE_PX, scale_px=2.5)
    pile += 0.05 * smooth_noise(rng, SCENE_PX, scale_px=30.0)
    shade = cv2.GaussianBlur(part.cover, (0, 0), 7 * SCALE)
    brightness = np.float32(0.045) * pile * (1 - np.float32(0.75) * shade)
    return np.asarray(brightness[:, :, None] * np.float32([0.80, 0.95, 1.15]), np.float32)


def _photograph(rng: np.random.Generator, defect: str) -> Photo:
    part = _machined(rng, _engraved(_blank(), _full_engraving()))
    damage = np.zeros((SCENE_PX, SCENE_PX), np.float32)
    if defect:
        part, damage = _DAMAGES[defect](rng, part)
    pose = Pose.random(rng, angle_deg=2.0, shift_px=2.0)
    posed = _Part(
        *(pose.apply(field) for field in (
            part.height, part.cover, part.reflectance, part.roughness, part.film
        ))
    )
    centre = (_CENTRE + pose.shift_x, _CENTRE + pose.shift_y)
    cover = posed.cover[:, :, None]
    scene = _lit_metal(rng, posed, centre) * cover + _mat(rng, posed) * (1 - cover)
    scene = scene * lamp_falloff(rng, strength=0.06)[:, :, None]
    return Photo(
        expose(scene, rng, exposure_spread=0.10), expose_mask(pose.apply(damage))
    )


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
