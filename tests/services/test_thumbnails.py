import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from inspector_app.domain import huge
from inspector_app.domain.errors import BadDataError
from inspector_app.services import thumbnails as thumbnails_module
from inspector_app.services.background import Background
from inspector_app.services.thumbnail_files import ThumbnailFiles
from inspector_app.services.thumbnails import Thumbnails, _load_thumbnail, make_thumbnail

WriteImage = Callable[..., Path]


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    background = Background(max_threads=1)
    yield background
    background.shut_down()


@pytest.fixture
def thumbnails(background: Background, tmp_path: Path) -> Thumbnails:
    return Thumbnails(background, tmp_path / "cache")


@pytest.fixture
def path(tmp_path: Path, write_image: WriteImage) -> Path:
    return write_image(tmp_path / "a.png", width=640, height=480, grey=30)


def wait_for(thumbnails: Thumbnails, path: Path, qtbot: QtBot) -> QImage:
    if (image := thumbnails.thumbnail(path)) is not None:
        return image
    with qtbot.waitSignal(thumbnails.ready, check_params_cb=lambda p: p == str(path)):
        pass
    image = thumbnails.thumbnail(path)
    assert image is not None
    return image


def jpeg(width: int, height: int, *, orientation: int = 1) -> bytes:
    """A JPEG whose left half is white as stored."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(3200, 1600, (80, 160)), (1000, 500, (80, 160)), (90, 300, (160, 48)), (40, 20, (20, 40))],
)
def test_that_a_jpeg_is_reduced_to_the_thumbnails_size(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    assert make_thumbnail(jpeg(width, height), name="a.jpg").shape == (*expected, 3)


@pytest.mark.parametrize("width", [2000, 100])
def test_that_a_thumbnail_stands_upright(width: int) -> None:
    upright = make_thumbnail(jpeg(width, width // 2, orientation=6), name="a.jpg")
    assert upright.shape[0] > upright.shape[1]
    assert upright[0].mean() > 250
    assert upright[-1].mean() < 5


def test_that_a_jpeg_cut_off_is_refused() -> None:
    with pytest.raises(BadDataError, match="ends too early"):
        make_thumbnail(jpeg(2000, 1000)[:-500], name="a.jpg")


def test_that_a_thumbnail_is_announced_and_then_given(
    thumbnails: Thumbnails, path: Path, qtbot: QtBot
) -> None:
    assert thumbnails.thumbnail(path) is None
    image = wait_for(thumbnails, path, qtbot)
    assert (image.width(), image.height()) == (160, 120)


@pytest.mark.parametrize("content", [None, b"no image"])
def test_that_a_file_that_cannot_be_read_gives_a_null_image(
    thumbnails: Thumbnails, tmp_path: Path, qtbot: QtBot, content: bytes | None
) -> None:
    path = tmp_path / "bad.png"
    if content is not None:
        path.write_bytes(content)
    assert wait_for(thumbnails, path, qtbot).isNull()


def test_that_the_next_start_reads_thumbnails_from_disk(
    background: Background,
    tmp_path: Path,
    path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = wait_for(Thumbnails(background, tmp_path / "cache"), path, qtbot)
    monkeypatch.setattr(thumbnails_module, "make_thumbnail", None)
    again = wait_for(Thumbnails(background, tmp_path / "cache"), path, qtbot)
    assert again.size() == before.size()


def test_that_a_changed_file_gets_a_new_thumbnail(
    background: Background, tmp_path: Path, path: Path, write_image: WriteImage, qtbot: QtBot
) -> None:
    wait_for(Thumbnails(background, tmp_path / "cache"), path, qtbot)
    write_image(path, grey=220)
    os.utime(path, ns=(1, 1))
    image = wait_for(Thumbnails(background, tmp_path / "cache"), path, qtbot)
    assert image.pixelColor(40, 25).red() > 200


def test_that_a_damaged_file_of_the_cache_is_made_again(
    thumbnails: Thumbnails, background: Background, tmp_path: Path, path: Path, qtbot: QtBot
) -> None:
    wait_for(thumbnails, path, qtbot)
    for file in (tmp_path / "cache").rglob("*.jpg"):
        file.write_bytes(b"")
    image = wait_for(Thumbnails(background, tmp_path / "cache"), path, qtbot)
    assert image.width() == 160


def test_that_a_cache_which_cannot_be_written_still_gives_thumbnails(
    background: Background, tmp_path: Path, path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    thumbnails = Thumbnails(background, tmp_path / "cache")
    assert wait_for(thumbnails, path, qtbot).width() == 160


def test_that_the_thumbnail_asked_for_last_comes_first_and_old_wishes_are_dropped(
    background: Background, tmp_path: Path, write_image: WriteImage, qtbot: QtBot
) -> None:
    thumbnails = Thumbnails(background, tmp_path / "cache")
    path = write_image(tmp_path / "a.png")
    gate = threading.Event()
    background.run(lambda: gate.wait(5), lambda _: None, priority=4)
    paths = [tmp_path / f"{number}.png" for number in range(100_000)]
    for other in paths[:400]:
        os.link(path, other)
    for other in (*paths[400:], *paths[:400]):
        thumbnails.thumbnail(other)
    told: list[str] = []
    thumbnails.ready.connect(told.append)
    gate.set()
    qtbot.waitUntil(lambda: str(paths[100]) in told, timeout=30_000)
    # The very first one asked for was on its way already.
    assert told == [str(paths[400]), *(str(p) for p in paths[399:99:-1])]


def test_that_thumbnails_wait_for_what_the_operator_waits_for(
    background: Background, tmp_path: Path, write_image: WriteImage, qtbot: QtBot
) -> None:
    thumbnails = Thumbnails(background, tmp_path / "cache")
    gate = threading.Event()
    ended: list[str] = []
    background.run(lambda: gate.wait(5), lambda _: ended.append("image"), priority=10)
    thumbnails.ready.connect(lambda _: ended.append("thumbnail"))
    thumbnails.thumbnail(write_image(tmp_path / "a.png"))
    gate.set()
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert ended == ["image", "thumbnail"]


def test_that_the_oldest_files_go_when_the_disk_cache_is_full(tmp_path: Path) -> None:
    files = ThumbnailFiles(tmp_path, max_bytes=2500)
    rgb = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    keys = [f"{number:02x}" * 20 for number in range(5)]
    for age, key in enumerate(keys):
        files.write(key, rgb)
        stored = tmp_path / key[:2] / f"{key}.jpg"
        stored.write_bytes(stored.read_bytes().ljust(1000, b"\0"))
        os.utime(stored, (2e9 - age, 2e9 - age))
    assert files.prune() == 3
    assert [key for key in keys if files.read(key) is not None] == keys[:2]


def test_that_a_huge_image_is_sampled_for_its_thumbnail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huge, "HUGE_PX", 1000)
    pixels = np.random.default_rng(1).integers(0, 255, (640, 200)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "line.tif", pixels, photometric="minisblack")
    image, is_new = _load_thumbnail(
        tmp_path / "line.tif", ThumbnailFiles(tmp_path / "kept", max_bytes=10**6)
    )
    assert is_new
    assert image.size().toTuple() == (50, 160)
    assert QColor(image.pixel(3, 2)).red() == pixels[8, 12]
