"""What a sample product is: a name, its defects, and a way to photograph one part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class DefectType:
    """One kind of defect, as the sample's folders and the window name it."""

    name: str
    """Folder name, as in MVTec's layout."""
    title: str
    summary: str
    """What went wrong on the line, one sentence."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photographed part."""

    image: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    mask: NDArray[np.bool_]
    """(H, W), set where the defect is; empty on a good part."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product whose photos can be made."""

    name: str
    """Folder name."""
    title: str
    summary: str
    kind: Literal["object", "texture"]
    defect_types: tuple[DefectType, ...]
    photograph: Callable[[np.random.Generator, str], Photo]
    """Gives a photo of a new part with the named defect, of a good one for an empty name.

    The same generator gives the same part in the same light, damaged or not.
    """
