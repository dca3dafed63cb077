"""Things that belong: products, holes, rims, components and print, with edges as strong as any."""

from dataclasses import dataclass

import numpy as np

from inspector_app.domain.opencv import cv2
from training.data.scenes.fields import (
    Field,
    Rng,
    as_field,
    between,
    blurred,
    chance,
    coordinates,
    filled,
    log_between,
    mixed,
    painted,
    random_colour,
)
from training.data.scenes.profiles import Profile
from training.data.scenes.shapes import PART_SHAPES
from training.data.scenes.surfaces import random_surface

_SIGNS = "ABCDEFGHKLMNPRSTUVXYZ0123456789-+/.#"


@dataclass(frozen=True, eq=False, slots=True)
class Built:
    """A picture, and where each thing is that was put there; coverage in [0, 1]."""

    picture: Field
    things: tuple[Field, ...] = ()
    profile: Profile | None = None
    """Of the product, if it is drawn along an axis."""


def with_product(rng: Rng, below: Field) -> Built:
    """Lay one large part on a surface, perhaps a ring, with its edges bevelled."""
    side = len(below)
    size = between(rng, 0.6, 1.5) * side
    x, y = rng.normal(0.5, 0.12, 2) * side
    shape = PART_SHAPES[int(rng.integers(2))]
    alpha = shape(rng, side, (x, y), size)
    if chance(rng, 0.3):
        hole = shape(rng, side, (x, y), size * between(rng, 0.2, 0.8))
        alpha = alpha * (1 - hole)
    return Built(_bevelled(rng, mixed(below, random_surface(rng, side), alpha), alpha), (alpha,))


def with_parts(rng: Rng, built: Built) -> Built:
    """Add components, holes and rims; the board of a scene may hold many alike."""
    side = len(built.picture)
    picture, things = built.picture, list(built.things)
    size = log_between(rng, 0.04, 0.35) * side
    shape = PART_SHAPES[int(rng.integers(len(PART_SHAPES)))]
    for _ in range(int(log_between(rng, 1, 9))):
        alpha = shape(rng, side, _place(rng, side), size * between(rng, 0.7, 1.3))
        picture = _with_part(rng, picture, alpha)
        things = [thing * (1 - alpha) for thing in things] + [alpha]
    return Built(picture, tuple(things), built.profile)


def with_rings(rng: Rng, picture: Field) -> Field:
    """Draw rings about one centre: rims, grooves, threads of a neck."""
    side = len(picture)
    columns, rows = coordinates(side)
    x, y = rng.normal(0.5, 0.1, 2) * side
    radius = np.hypot(columns - np.float32(x), rows - np.float32(y))
    lift = np.zeros_like(radius)
    for _ in range(int(rng.integers(1, 7))):
        at, width = between(rng, 0.08, 0.7) * side, log_between(rng, 1, 0.05 * side)
        lift += np.exp(-(((radius - at) / width) ** 2)) * rng.normal(0, 0.35)
    return as_field(picture + lift[..., None] * (0.5 + random_colour(rng)))


def with_print(rng: Rng, picture: Field) -> Field:
    """Print a few lines of text."""
    canvas = np.zeros(picture.shape[:2], np.uint8)
    scale = log_between(rng, 0.3, 2.5)
    left, top = (int(v) for v in rng.uniform(-0.2, 0.7, 2) * len(picture))
    for line in range(int(rng.integers(1, 5))):
        text = "".join(_SIGNS[i] for i in rng.integers(0, len(_SIGNS), int(rng.integers(2, 14))))
        font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX]))
        at = (left, top + int(line * scale * 34))
        cv2.putText(canvas, text, at, font, scale, 255, max(1, round(scale * 2)), cv2.LINE_AA)
    ink = np.float32(between(rng, 0.4, 1.0) / 255)
    return mixed(picture, painted(random_colour(rng), canvas * np.float32(0)), canvas * ink)


def with_traces(rng: Rng, picture: Field) -> Field:
    """Lay conductors with pads on a board."""
    side = len(picture)
    canvas = np.zeros((side, side), np.uint8)
    width = int(log_between(rng, 1, 9))
    pitch = width * between(rng, 2, 4)
    for track in range(int(rng.integers(2, 12))):
        start = np.array([rng.uniform(0, side), track * pitch + rng.uniform(0, side / 3)])
        corners = [start]
        for _ in range(3):
            turn = np.pi / 4 * int(rng.integers(-1, 2))
            step = rng.uniform(0.1, 0.6) * side
            corners.append(corners[-1] + np.array([np.cos(turn), np.sin(turn)]) * step)
        points = np.array(corners, np.int32)
        cv2.polylines(canvas, [points], isClosed=False, color=255, thickness=width)
        cv2.circle(canvas, [int(v) for v in points[0]], width * 2, 255, -1, cv2.LINE_AA)
    if chance(rng, 0.5):
        canvas = np.ascontiguousarray(canvas.T)
    metal = painted(random_colour(rng), canvas * np.float32(0))
    return mixed(picture, metal, canvas * np.float32(between(rng, 0.4, 1) / 255))


def with_panels(rng: Rng, picture: Field) -> Field:
    """Divide the picture by straight edges: a joint, a margin, a black border, a shadow."""
    side = len(picture)
    for _ in range(int(rng.integers(1, 3))):
        normal = rng.standard_normal(2)
        if chance(rng, 0.7):
            normal = np.eye(2)[int(rng.integers(2))] * rng.choice([-1, 1])
        along = np.array([-normal[1], normal[0]])
        start = rng.uniform(0.05, 0.95, 2) * side
        corners = np.array([-along, along, along + normal, normal - along]) * 3 * side + start
        alpha = blurred(filled(side, corners), log_between(rng, 0.1, 6))
        colour = random_colour(rng) * np.float32(rng.integers(2))
        panel = painted(colour, alpha * np.float32(0))
        picture = mixed(picture, panel, alpha * np.float32(between(rng, 0.3, 1)))
    return picture


def _with_part(rng: Rng, picture: Field, alpha: Field) -> Field:
    if chance(rng, 0.4):
        colour = random_colour(rng)
        return _bevelled(rng, mixed(picture, painted(colour, alpha * np.float32(0)), alpha), alpha)
    return _bevelled(rng, mixed(picture, random_surface(rng, len(picture)), alpha), alpha)


def _bevelled(rng: Rng, picture: Field, alpha: Field) -> Field:
    """Catch light at one edge and cast a shadow at the other, or outline the part."""
    soft = blurred(alpha, log_between(rng, 0.8, 5))
    if chance(rng, 0.3):
        outline = soft * (1 - soft) * 4
        return picture + (outline * np.float32(rng.normal(0, 0.3)))[..., None]
    slope = cv2.Sobel(soft, cv2.CV_32F, 1, 1) if chance(rng, 0.2) else np.gradient(soft)[0]
    return picture + (slope * np.float32(rng.normal(0, 1.5)))[..., None]


def _place(rng: Rng, side: int) -> tuple[float, float]:
    x, y = rng.uniform(0, side, 2)
    return float(x), float(y)
