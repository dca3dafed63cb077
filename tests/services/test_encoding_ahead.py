"""Images encoded ahead, and which ones are ready."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inspector_app.domain.geometry import Box
from inspector_app.protocol.embeddings import Embedding, EmbeddingFiles, content_key
from inspector_app.services.background import Background
from inspector_app.services.encoding_ahead import EncodingAhead
from inspector_app.services.workers import Workers

WORKING = Path(__file__).parent / "workers" / "working.py"
VIEW = Box(0, 0, 512, 512)


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    background = Background()
    yield background
    background.shut_down()


@pytest.fixture
def encoding_workers(qapp: object) -> Iterator[Workers]:
    """A click model that keeps what it prepares."""
    workers = Workers([sys.executable, str(WORKING), "--encoder", "sam"])
    yield workers
    workers.shut_down()


@pytest.fixture
def files(tmp_path: Path) -> EmbeddingFiles:
    return EmbeddingFiles(tmp_path / "embeddings")


@pytest.fixture
def make(
    encoding_workers: Workers, background: Background, tmp_path: Path
) -> Callable[..., EncodingAhead]:
    def make(workers: Workers = encoding_workers, max_bytes: int = 2**30) -> EncodingAhead:
        return EncodingAhead(workers, background, tmp_path / "embeddings", max_bytes=max_bytes)

    return make


def start(workers: Workers, qtbot: QtBot) -> None:
    workers.start_inference()
    qtbot.waitUntil(lambda: workers.state == "ready", timeout=20_000)


def sent(workers: Workers) -> list[str]:
    lines = [line for line in workers.log_tail().splitlines() if line.startswith("{")]
    commands = [json.loads(line) for line in lines]
    return [Path(c["image_path"]).name for c in commands if c["type"] == "prepare_ahead"]


def keep(files: EmbeddingFiles, path: Path, view: Box | None = None) -> Path:
    """Put an image on disk that is encoded already."""
    path.write_bytes(path.name.encode())
    content = content_key(path.name.encode())
    files.note_content(path, content)
    files.write("sam", content, view, Embedding(np.zeros((2, 2), np.float16), (4, 4)))
    return path


def test_that_images_are_sent_one_after_the_other(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, tmp_path: Path, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    held = tmp_path / "wait.png"
    ahead.wish([(held, None), (Path("/1.png"), None), (Path("/2.png"), VIEW)])
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["wait.png"], timeout=20_000)
    held.with_name("wait.png.go").touch()
    qtbot.waitUntil(
        lambda: sent(encoding_workers) == ["wait.png", "1.png", "2.png"], timeout=20_000
    )


def test_that_a_new_wish_replaces_the_old_ones(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, tmp_path: Path, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    held = tmp_path / "wait.png"
    ahead.wish([(held, None), (Path("/old.png"), None)])
    ahead.wish([(Path("/new.png"), None)])
    held.with_name("wait.png.go").touch()
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["wait.png", "new.png"], timeout=20_000)


def test_that_wishes_wait_for_the_worker(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make()
    ahead.wish([(Path("/1.png"), None)])
    start(encoding_workers, qtbot)
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["1.png"], timeout=20_000)


def test_that_a_bad_image_does_not_hold_up_the_next(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    ahead.wish([(Path("/bad.png"), None), (Path("/1.png"), None)])
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["bad.png", "1.png"], timeout=20_000)


def test_that_nothing_is_encoded_ahead_during_a_training(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    training = encoding_workers.start_training_worker()
    ahead.wish([(Path("/1.png"), None)])
    qtbot.waitUntil(lambda: training.hello is not None, timeout=20_000)
    assert sent(encoding_workers) == []
    training.stop()
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["1.png"], timeout=20_000)


def test_that_a_model_which_prepares_nothing_is_sent_nothing(
    make: Callable[..., EncodingAhead], workers: Workers, tmp_path: Path, qtbot: QtBot
) -> None:
    ahead = make(workers)
    start(workers, qtbot)
    ahead.wish([(Path("/1.png"), None)])
    assert not ahead.is_of_use
    assert not ahead.is_ready(Path("/1.png"))
    assert sent(workers) == []


def test_that_without_room_nothing_is_encoded_ahead(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make(max_bytes=0)
    start(encoding_workers, qtbot)
    ahead.wish([(Path("/1.png"), None)])
    assert sent(encoding_workers) == []
    ahead.set_max_bytes(2**30)
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["1.png"], timeout=20_000)


def test_that_an_image_encoded_ahead_is_ready(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    with qtbot.waitSignal(ahead.changed, timeout=20_000):
        ahead.wish([(Path("/kept.png"), None)])
    assert ahead.is_ready(Path("/kept.png"))


def test_that_images_encoded_earlier_are_found_on_disk(
    make: Callable[..., EncodingAhead],
    encoding_workers: Workers,
    files: EmbeddingFiles,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    there, other = keep(files, tmp_path / "there.png"), tmp_path / "other.png"
    other.write_bytes(b"other")
    ahead = make()
    start(encoding_workers, qtbot)
    assert not ahead.is_ready(there)
    assert not ahead.is_ready(other)
    qtbot.waitUntil(lambda: ahead.is_ready(there), timeout=20_000)
    assert not ahead.is_ready(other)


def test_that_ready_means_the_part_that_is_looked_at(
    make: Callable[..., EncodingAhead],
    encoding_workers: Workers,
    files: EmbeddingFiles,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    path = keep(files, tmp_path / "there.png", VIEW)
    ahead = make()
    start(encoding_workers, qtbot)
    ahead.set_view(VIEW)
    ahead.is_ready(path)
    qtbot.waitUntil(lambda: ahead.is_ready(path), timeout=20_000)
    with qtbot.waitSignal(ahead.changed):
        ahead.set_view(None)
    assert not ahead.is_ready(path)


def test_that_an_image_prepared_by_a_click_is_looked_for_again(
    make: Callable[..., EncodingAhead],
    encoding_workers: Workers,
    files: EmbeddingFiles,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    path = tmp_path / "new.png"
    path.write_bytes(b"")
    assert not ahead.is_ready(path)
    keep(files, path)
    with qtbot.waitSignal(ahead.changed, timeout=20_000):
        ahead.look_again(str(path))
    assert ahead.is_ready(path)


def test_that_the_bound_of_the_cache_is_kept(
    make: Callable[..., EncodingAhead], files: EmbeddingFiles, tmp_path: Path, qtbot: QtBot
) -> None:
    for number in range(4):
        keep(files, tmp_path / f"{number}.png")
    half = files.total_bytes() // 2
    ahead = make()
    ahead.set_max_bytes(half)
    qtbot.waitUntil(lambda: files.total_bytes() <= half, timeout=20_000)
    assert files.total_bytes() > 0


def test_that_a_lost_worker_is_not_waited_for(
    make: Callable[..., EncodingAhead], encoding_workers: Workers, qtbot: QtBot
) -> None:
    ahead = make()
    start(encoding_workers, qtbot)
    with qtbot.waitSignal(encoding_workers.inference_ended, timeout=20_000):
        ahead.wish([(Path("/crash.png"), None)])
    start(encoding_workers, qtbot)
    ahead.wish([(Path("/1.png"), None)])
    qtbot.waitUntil(lambda: sent(encoding_workers) == ["1.png"], timeout=20_000)
