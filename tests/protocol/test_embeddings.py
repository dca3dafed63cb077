"""The cache of encoded images."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.geometry import Box
from inspector_app.protocol.embeddings import Embedding, EmbeddingFiles, content_key

VIEW = Box(0, 512, 512, 1024)


@pytest.fixture
def files(tmp_path: Path) -> EmbeddingFiles:
    return EmbeddingFiles(tmp_path / "embeddings")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "Größe 1" / "部品.png"
    path.parent.mkdir()
    path.write_bytes(b"what a photo shows")
    return path


def embedding(value: float = 0.5, size: tuple[int, int] = (60, 80)) -> Embedding:
    return Embedding(np.full((4, 8, 8), value, np.float16), size)


def keep(files: EmbeddingFiles, photo: Path, view: Box | None = None) -> str:
    content = content_key(photo.read_bytes())
    files.note_content(photo, content)
    files.write("sam", content, view, embedding())
    return content


def test_that_what_was_kept_comes_back(files: EmbeddingFiles, photo: Path) -> None:
    content = keep(files, photo)
    found = files.read("sam", content)
    assert found is not None
    assert found.size == (60, 80)
    assert np.array_equal(found.features, embedding().features)


def test_that_an_image_is_known_by_its_path_without_being_read(
    files: EmbeddingFiles, photo: Path
) -> None:
    assert not files.has("sam", photo)
    keep(files, photo)
    assert files.has("sam", photo)
    assert files.bytes_of("sam", photo) > 4 * 8 * 8 * 2


def test_that_a_copy_under_another_name_is_found_by_its_content(
    files: EmbeddingFiles, photo: Path
) -> None:
    keep(files, photo)
    copy = photo.with_name("copy.png")
    copy.write_bytes(photo.read_bytes())
    assert not files.has("sam", copy)
    assert files.read("sam", content_key(copy.read_bytes())) is not None


def test_that_a_changed_file_is_not_known(files: EmbeddingFiles, photo: Path) -> None:
    keep(files, photo)
    photo.write_bytes(b"another photo, of another length")
    assert not files.has("sam", photo)


@pytest.mark.parametrize(("encoder", "view"), [("other", None), ("sam", VIEW)])
def test_that_another_model_or_part_is_another_thing(
    files: EmbeddingFiles, photo: Path, encoder: str, view: Box | None
) -> None:
    content = keep(files, photo)
    assert not files.has(encoder, photo, view)
    assert files.read(encoder, content, view) is None


def test_that_a_part_is_found_by_its_place(files: EmbeddingFiles, photo: Path) -> None:
    keep(files, photo, VIEW)
    assert files.has("sam", photo, VIEW)
    assert not files.has("sam", photo)


def test_that_a_file_that_is_gone_is_not_there(files: EmbeddingFiles, photo: Path) -> None:
    keep(files, photo)
    photo.unlink()
    assert not files.has("sam", photo)


@pytest.mark.parametrize("note", [b"", b"short", b"../../../../etc/passwd-and-32-ch", b"\xff" * 32])
def test_that_a_damaged_note_of_a_content_is_none(
    files: EmbeddingFiles, photo: Path, tmp_path: Path, note: bytes
) -> None:
    keep(files, photo)
    for path in (tmp_path / "embeddings/names").rglob("*"):
        if path.is_file():
            path.write_bytes(note)
    assert files.known_content(photo) == ""


def damaged(path: Path, *, how: str) -> None:
    match how:
        case "half":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_bytes(b"hello")
        case "others":
            np.savez(path.open("wb"), weights=np.zeros(3))
        case "pickle":
            np.savez(path.open("wb"), features=np.array([{}], object), size=np.array([1, 2]))
        case "size":
            np.savez(path.open("wb"), features=np.zeros(3), size=np.array([1]))


@pytest.mark.parametrize("how", ["half", "empty", "text", "others", "pickle", "size"])
def test_that_a_damaged_embedding_is_deleted_and_made_anew(
    files: EmbeddingFiles, photo: Path, tmp_path: Path, how: str
) -> None:
    content = keep(files, photo)
    [path] = tmp_path.rglob("*.npz")
    damaged(path, how=how)
    assert files.read("sam", content) is None
    assert not path.exists()


def test_that_the_files_unused_for_longest_are_deleted(
    files: EmbeddingFiles, tmp_path: Path
) -> None:
    contents = [content_key(bytes([number])) for number in range(4)]
    for age, content in enumerate(contents):
        files.write("sam", content, None, embedding())
        [path] = (tmp_path / "embeddings").rglob(f"{content}*")
        os.utime(path, (1000 + age, 1000 + age))
    files.read("sam", contents[0])
    one = files.total_bytes() // 4
    assert files.prune(2 * one) == 2
    kept = [files.read("sam", content) is not None for content in contents]
    assert kept == [True, False, False, True]


def test_that_nothing_is_deleted_while_there_is_room(files: EmbeddingFiles, photo: Path) -> None:
    keep(files, photo)
    assert files.prune(10**9) == 0
    assert files.has("sam", photo)


def test_that_an_empty_cache_takes_no_room(files: EmbeddingFiles) -> None:
    assert (files.total_bytes(), files.prune(0)) == (0, 0)


def test_that_what_cannot_be_written_leaves_nothing_behind(
    files: EmbeddingFiles, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    replace: Callable[..., Path] = Path.replace
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        files.write("sam", "ab" * 16, None, embedding())
    monkeypatch.setattr(Path, "replace", replace)
    assert not [path for path in (tmp_path / "embeddings").rglob("*") if path.is_file()]
