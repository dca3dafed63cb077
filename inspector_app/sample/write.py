"""A product's photos as a folder in MVTec AD's layout."""

import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.files import known_write_errors
from inspector_app.domain.opencv import cv2
from inspector_app.sample.product import Photo, Product
from inspector_app.sample.products import PRODUCTS

TRAIN_GOOD_COUNT = 60
TEST_GOOD_COUNT = 16
DEFECTIVE_COUNT = 7
"""Test photos of each defect type."""
_CARD_FILE = "sample.json"
_FORM = 1
"""Raised whenever the same seed gives other photos."""

ProgressCallback = Callable[[int, int], None]
"""Called with (done, total); may raise to stop."""


def no_progress(_done: int, _total: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """One photo to be made."""

    split: str
    folder: str
    """``good`` or a defect type."""
    index: int

    @property
    def image_path(self) -> str:
        return f"{self.split}/{self.folder}/{self.index:03d}.png"

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.image_path, self.mask_path) if self.mask_path else (self.image_path,)

    @property
    def mask_path(self) -> str:
        if self.folder == "good":
            return ""
        return f"ground_truth/{self.folder}/{self.index:03d}_mask.png"


@dataclass(frozen=True, slots=True)
class _Card:
    """What ``sample.json`` says of a finished folder."""

    form: int
    product: str
    seed: int
    file_count: int
    """Images and masks."""


def create_sample(
    folder: Path,
    *,
    product: str = PRODUCTS[0].name,
    seed: int = 0,
    progress: ProgressCallback = no_progress,
) -> Path:
    """Return ``folder/<product>``, a data set in MVTec's layout, made now unless it is there.

    Takes some seconds. Nothing half-made is left behind, also when `progress` raises.

    Raises:
        KeyError: if there is no such product.
        BadDataError: if something else lies in the target's place, or it cannot be written.
        DiskFullError: if the disk is full.
    """
    chosen = product_named(product)
    target = folder / chosen.name
    plans = list(_plans(chosen))
    file_count = sum(len(plan.paths) for plan in plans)
    card = _Card(_FORM, chosen.name, seed, file_count)
    if _is_there(target, card):
        return target
    with known_write_errors(target):
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=f".{chosen.name}."))
        try:
            for done, plan in enumerate(plans):
                progress(done, len(plans))
                photo = photograph(chosen, plan.split, plan.folder, plan.index, seed=seed)
                _write_photo(temporary, plan, photo)
            _finish(temporary, target, card)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    progress(len(plans), len(plans))
    return target


def product_named(name: str) -> Product:
    """Return the product.

    Raises:
        KeyError: if there is none of this name.
    """
    for product in PRODUCTS:
        if product.name == name:
            return product
    raise KeyError(name)


def photograph(product: Product, split: str, folder: str, index: int, *, seed: int) -> Photo:
    """Return one photo; each is independent of all others and the same for the same arguments."""
    key = [zlib.crc32(text.encode()) for text in (product.name, split, folder)]
    rng = np.random.default_rng([seed, *key, index])
    return product.photograph(rng, "" if folder == "good" else folder)


def _plans(product: Product) -> Iterator[_Plan]:
    yield from (_Plan("train", "good", index) for index in range(TRAIN_GOOD_COUNT))
    yield from (_Plan("test", "good", index) for index in range(TEST_GOOD_COUNT))
    for defect in product.defect_types:
        yield from (_Plan("test", defect.name, index) for index in range(DEFECTIVE_COUNT))


def _write_photo(root: Path, plan: _Plan, photo: Photo) -> None:
    _write_png(root / plan.image_path, photo.image[:, :, ::-1])
    if plan.mask_path:
        _write_png(root / plan.mask_path, photo.mask.astype(np.uint8) * np.uint8(255))


def _write_png(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Compression as OpenCV sets it: more takes five times as long, for 3 % of grain.
    _, encoded = cv2.imencode(".png", image)
    path.write_bytes(encoded.tobytes())


def _finish(temporary: Path, target: Path, card: _Card) -> None:
    (temporary / _CARD_FILE).write_text(json.dumps(asdict(card)), encoding="utf-8")
    # mkdtemp gives 0700; other people of the shop floor must be able to read.
    temporary.chmod(0o755)
    if target.exists():
        shutil.rmtree(target)
    temporary.replace(target)


def _is_there(target: Path, card: _Card) -> bool:
    """Tell whether the sample need not be made.

    One that an older version of the program made is kept: projects may refer to its
    photos. One that has lost files since is made again, photo for photo the same.

    Raises:
        BadDataError: if what is there must not be replaced.
    """
    if not target.exists():
        return False
    found = _card_of(target)
    if found is not None and (found.product, found.seed) == (card.product, card.seed):
        if sum(1 for _ in target.rglob("*.png")) >= found.file_count:
            return True
        if found == card:
            return False
    raise BadDataError(
        f"{target}: something other than this sample is in its place", "choose another folder"
    )


def _card_of(target: Path) -> _Card | None:
    try:
        return _Card(**json.loads((target / _CARD_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
