import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from inspector_app.domain import huge
from inspector_app.domain.errors import OutOfMemoryError
from inspector_app.domain.opencv import cv2
from inspector_app.domain.picture import decode_rgb
from inspector_app.services import images as images_module
from inspector_app.services.background import Background
from inspector_app.services.images import Images, image_from_rgb, load_image

WriteImage = Callable[..., Path]
IMAGE_BYTES = 48 * 32 * 3


class Decoding:
    """Real decoding that can be held up, and says what was decoded in which order."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, path: Path) -> QImage:
        self.order.append(path.name)
        self.gate.wait(5)
        return load_image(path)


@pytest.fixture
def decoding(monkeypatch: pytest.MonkeyPatch) -> Iterator[Decoding]:
    decoding = Decoding()
    monkeypatch.setattr(images_module, "load_image", decoding)
    yield decoding
    decoding.gate.set()


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    background = Background(max_threads=2)
    yield background
    background.shut_down()


@pytest.fixture
def images(background: Background, monkeypatch: pytest.MonkeyPatch) -> Images:
    monkeypatch.setattr(images_module.QThread, "idealThreadCount", lambda: 2)
    return Images(background, max_bytes=3 * IMAGE_BYTES)


@pytest.fixture
def paths(tmp_path: Path, write_image: WriteImage) -> list[Path]:
    return [write_image(tmp_path / f"{n}.png", grey=50 + n) for n in range(9)]


def pixels_of(image: QImage) -> np.ndarray:
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    # A copy, because numpy's view does not keep the image alive.
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def test_that_an_image_shows_what_the_models_see(
    images: Images, tmp_path: Path, qtbot: QtBot
) -> None:
    deep = (np.arange(31 * 45).reshape(31, 45) * 40).astype(np.uint16)
    path = tmp_path / "16 bit.png"
    path.write_bytes(cv2.imencode(".png", deep)[1].tobytes())
    with qtbot.waitSignal(images.loaded) as loaded:
        images.request(path)
    assert loaded.args[0] == str(path)
    assert loaded.args[1].format() is QImage.Format.Format_RGB888
    expected = decode_rgb(path.read_bytes(), name="")
    np.testing.assert_array_equal(pixels_of(loaded.args[1]), expected)


def test_that_a_known_image_is_given_in_the_same_call(
    images: Images, paths: list[Path], qtbot: QtBot
) -> None:
    with qtbot.waitSignal(images.loaded):
        images.request(paths[0])
    answers: list[str] = []
    images.loaded.connect(lambda path, _: answers.append(path))
    images.request(paths[0])
    assert answers == [str(paths[0])]
    assert images.cached(paths[0]) is not None


def test_that_an_image_asked_for_twice_is_decoded_once(
    images: Images, paths: list[Path], decoding: Decoding, qtbot: QtBot
) -> None:
    decoding.gate.clear()
    answers: list[str] = []
    images.loaded.connect(lambda path, _: answers.append(path))
    images.request(paths[0])
    images.request(paths[0])
    decoding.gate.set()
    qtbot.waitUntil(lambda: len(answers) == 1)
    assert decoding.order == ["0.png"]


def test_that_a_prefetched_image_is_there_without_being_announced(
    images: Images, paths: list[Path], qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(images.loaded):
        images.prefetch(paths[:2])
        qtbot.waitUntil(lambda: all(images.cached(path) for path in paths[:2]))


def test_that_a_request_for_an_image_being_prefetched_is_answered(
    images: Images, paths: list[Path], decoding: Decoding, qtbot: QtBot
) -> None:
    decoding.gate.clear()
    images.prefetch(paths[:1])
    images.request(paths[0])
    with qtbot.waitSignal(images.loaded):
        decoding.gate.set()
    assert decoding.order == ["0.png"]


def test_that_a_wish_of_an_old_list_does_not_push_out_others(
    images: Images, paths: list[Path], decoding: Decoding, qtbot: QtBot
) -> None:
    decoding.gate.clear()
    images.prefetch([paths[0], paths[1]])
    images.prefetch([paths[2]])
    decoding.gate.set()
    qtbot.waitUntil(lambda: images.cached(paths[2]) is not None)
    assert images.cached(paths[0]) is None
    assert decoding.order == ["0.png", "2.png"]


def test_that_a_request_overtakes_the_wishes(
    images: Images, paths: list[Path], decoding: Decoding, qtbot: QtBot
) -> None:
    decoding.gate.clear()
    images.prefetch(paths[:4])
    images.request(paths[8])
    with qtbot.waitSignal(images.loaded):
        decoding.gate.set()
    assert "8.png" in decoding.order[:2]


def test_that_leafing_quickly_decodes_the_last_images_only(
    images: Images, paths: list[Path], decoding: Decoding, qtbot: QtBot
) -> None:
    decoding.gate.clear()
    for path in paths:
        images.request(path)
    decoding.gate.set()
    qtbot.waitUntil(lambda: len(decoding.order) == 6)
    assert set(decoding.order) == {f"{n}.png" for n in (0, 1, 5, 6, 7, 8)}


def test_that_the_cache_keeps_to_its_bound(images: Images, paths: list[Path], qtbot: QtBot) -> None:
    for path in paths[:4]:
        with qtbot.waitSignal(images.loaded):
            images.request(path)
    assert images.cached_bytes == 3 * IMAGE_BYTES
    assert images.cached(paths[0]) is None
    assert images.cached(paths[3]) is not None


def test_that_a_file_that_is_gone_is_named_with_a_remedy(
    images: Images, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "gone.png"
    with qtbot.waitSignal(images.failed) as failed:
        images.request(path)
    assert failed.args == [
        str(path),
        f"{path}: the file is no longer there — put it back, or connect its drive",
    ]


def test_that_a_damaged_file_fails_and_can_be_mended(
    images: Images, tmp_path: Path, write_image: WriteImage, qtbot: QtBot
) -> None:
    path = write_image(tmp_path / "cut off.png")
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with qtbot.waitSignal(images.failed) as failed:
        images.request(path)
    assert "ends too early" in failed.args[1]
    path.write_bytes(whole)
    with qtbot.waitSignal(images.loaded):
        images.request(path)


def test_that_a_damaged_wish_does_not_stop_the_next(
    images: Images, tmp_path: Path, paths: list[Path], qtbot: QtBot
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"no image")
    with qtbot.assertNotEmitted(images.failed):
        images.prefetch([damaged, tmp_path / "gone.png", paths[0]])
        qtbot.waitUntil(lambda: images.cached(paths[0]) is not None)


def test_that_an_image_beyond_memory_is_refused(
    tmp_path: Path, write_image: WriteImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_data: bytes, *, name: str) -> object:
        raise MemoryError(name)

    monkeypatch.setattr(images_module, "decode_bgr", no_memory)
    with pytest.raises(OutOfMemoryError, match="too large"):
        load_image(write_image(tmp_path / "a.png"))


def test_that_lines_of_odd_width_are_not_skewed(qapp: object) -> None:
    rgb = np.arange(5 * 3 * 3, dtype=np.uint8).reshape(5, 3, 3)
    np.testing.assert_array_equal(pixels_of(image_from_rgb(rgb)), rgb)


def test_that_a_huge_image_is_opened_but_neither_decoded_nor_kept(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(huge, "HUGE_PX", 100)
    path = tmp_path / "line.tif"
    tifffile.imwrite(path, np.zeros((40, 30), np.uint8))
    with qtbot.waitSignal(images.huge_opened) as opened:
        images.prefetch([path])
        images.request(path)
    assert opened.args[0] == str(path)
    assert (opened.args[1].width, opened.args[1].height) == (30, 40)
    assert images.cached_bytes == 0


# ---------------------------------------------------------------- smaller copies


def decoded(images: Images, path: Path, qtbot: QtBot) -> Path:
    images.prefetch([path])
    qtbot.waitUntil(lambda: images.cached(path) is not None)
    return path


def test_that_a_large_image_has_copies_for_every_magnification(
    background: Background, tmp_path: Path, qtbot: QtBot
) -> None:
    images = Images(background, max_bytes=2**24)
    path = tmp_path / "large.png"
    rgb = np.repeat(np.arange(1101, dtype=np.uint32) % 251, 3).reshape(1, 1101, 3)
    cv2.imwrite(str(path), np.tile(rgb, (701, 1, 1)).astype(np.uint8))
    halvings = images.halvings(decoded(images, path, qtbot))
    sizes = {n: (one.width(), one.height()) for n, one in halvings.items()}
    assert sizes == {1: (550, 350), 2: (275, 175)}
    assert images.cached_bytes == sum(
        one.sizeInBytes() for one in (images.cached(path), *halvings.values()) if one
    )
    whole = pixels_of(images.cached(path) or QImage()).astype(int)
    fours = whole[:700, :1100].reshape(175, 4, 275, 4, 3).mean((1, 3))
    assert np.abs(pixels_of(halvings[2]) - fours).max() <= 1


def test_that_an_image_larger_than_the_cache_stays_with_its_copies_until_the_next(
    background: Background, tmp_path: Path, write_image: WriteImage, qtbot: QtBot
) -> None:
    images = Images(background, max_bytes=1000)
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), np.zeros((700, 600, 3), np.uint8))
    found: list[int] = []
    images.loaded.connect(lambda key, _image: found.extend(images.halvings(Path(key))))
    with qtbot.waitSignal(images.loaded):
        images.request(path)
    assert found == [1]
    images.request(write_image(tmp_path / "next.png", grey=9))
    qtbot.waitUntil(lambda: images.cached(path) is None)


def test_that_a_small_image_is_not_halved(images: Images, paths: list[Path], qtbot: QtBot) -> None:
    assert not images.halvings(decoded(images, paths[0], qtbot))


def test_that_an_unknown_image_has_no_smaller_copies(images: Images, tmp_path: Path) -> None:
    assert not images.halvings(tmp_path / "unknown.png")
