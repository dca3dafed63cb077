"""What exporters share: a folder that appears whole or not at all."""

import errno
import shutil
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from labelled_images import CLASSES, drawn, files_in, labelled, region

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.errors import BadDataError, BugError, DiskFullError
from inspector_app.domain.geometry import Box
from inspector_app.domain.mask import Mask
from inspector_app.formats.base import ImportedImage, ImportedRegion, ImportPlan
from inspector_app.formats.registry import EXPORTERS
from inspector_app.formats.writing import (
    check_written,
    copy_image,
    staged_folder,
    union,
    unjudged_remark,
)


class _StoppedError(Exception):
    """What a caller raises from its progress callback."""


DOT = ImportedRegion("scratch", Box(0, 0, 1, 1), drawn("#"))


@pytest.mark.parametrize("already_there", [True, False])
def test_that_a_folder_appears_whole(tmp_path: Path, already_there: bool) -> None:
    target = tmp_path / "deep" / "out"
    if already_there:
        target.mkdir(parents=True)
    with staged_folder(target) as staging:
        (staging / "a.txt").write_text("a")
        assert not (target / "a.txt").exists()
    assert files_in(tmp_path) == {"deep/out/a.txt": b"a"}


def test_that_a_folder_is_readable_for_others(tmp_path: Path) -> None:
    with staged_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_that_nothing_remains_of_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError), staged_folder(tmp_path / "out") as staging:
        (staging / "a.txt").write_text("a")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_that_a_full_disk_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="out"), staged_folder(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("precious")
    with pytest.raises(BadDataError, match="not empty"), staged_folder(tmp_path):
        pytest.fail("written over")
    assert files_in(tmp_path) == {"precious.txt": b"precious"}


def test_that_a_file_is_no_folder_to_export_to(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(BadDataError, match="not a folder"), staged_folder(tmp_path / "out"):
        pytest.fail("written over")


def test_that_an_image_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match=r"gone\.png: cannot be read"):
        copy_image(tmp_path / "gone.png", tmp_path / "copy.png")


def test_that_an_image_that_changes_while_it_is_copied_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_another(_source: IO[bytes], target: IO[bytes], _length: int) -> None:
        target.write(b"another")

    (tmp_path / "a.png").write_bytes(b"one")
    monkeypatch.setattr(shutil, "copyfileobj", copy_another)
    with pytest.raises(BadDataError, match=r"a\.png: changed"):
        copy_image(tmp_path / "a.png", tmp_path / "copy.png")


def test_that_a_copy_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"one")
    (tmp_path / "b.png").write_bytes(b"another")
    with pytest.raises(FileExistsError):
        copy_image(tmp_path / "a.png", tmp_path / "b.png")


def test_that_the_union_has_the_pixels_of_all_masks() -> None:
    found = union([drawn("##"), drawn(".##"), drawn("", "#")], 12, 9)
    assert found == drawn("###", "#")


def test_that_the_union_of_nothing_is_empty() -> None:
    assert union([], 12, 9) == drawn()


def test_that_images_nobody_has_judged_are_counted(tmp_path: Path) -> None:
    images = [labelled(tmp_path), labelled(tmp_path, "b.png", verdict=ImageVerdict.OK)]
    assert unjudged_remark(images)[0].endswith("without a defect: 1")


def test_that_what_reads_back_the_same_is_right_however_its_runs_are_written() -> None:
    runs = drawn("#").rle["counts"]
    odd = Mask.from_rle({"size": [9, 12], "counts": [0, 1, 0, 0, 107]})
    assert odd.counts != runs
    written = ImportPlan((), (ImportedImage("a", (DOT,)),))
    check_written({"a": [ImportedRegion("scratch", DOT.box, odd)]}, written)


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"a": []},
        {"a": [DOT, DOT]},
        {"b": [DOT]},
        {"a": [ImportedRegion("dent", DOT.box, DOT.mask)]},
        {"a": [ImportedRegion("scratch", DOT.box, None)]},
    ],
)
def test_that_a_difference_to_what_was_written_is_a_bug(
    expected: dict[str, list[ImportedRegion]],
) -> None:
    with pytest.raises(BugError, match="not the same"):
        check_written(expected, ImportPlan((), (ImportedImage("a", (DOT,)),)))


def test_that_a_problem_with_what_was_written_is_a_bug() -> None:
    with pytest.raises(BugError, match="unknown class 9"):
        check_written({}, ImportPlan((), (), ("a: unknown class 9",)))


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_every_exporter_leaves_nothing_when_it_is_stopped(tmp_path: Path, name: str) -> None:
    def stop(_done: int, _total: int) -> None:
        raise _StoppedError

    image = labelled(tmp_path / "images", "a.png", region(drawn("##")))
    with pytest.raises(_StoppedError):
        EXPORTERS[name]([image], CLASSES, tmp_path / "out", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_every_exporter_tells_its_progress(tmp_path: Path, name: str) -> None:
    calls: list[tuple[int, int]] = []
    images = [
        labelled(tmp_path / "images", f"{number}.png", region(drawn("##"))) for number in range(3)
    ]
    EXPORTERS[name](images, CLASSES, tmp_path / "out", progress=lambda *call: calls.append(call))
    assert calls == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("name", EXPORTERS)
def test_that_no_exporter_touches_the_source(tmp_path: Path, name: str) -> None:
    image = labelled(tmp_path / "images", "a b/ü.png", region(drawn("##")))
    before = files_in(tmp_path / "images")
    EXPORTERS[name]([image], CLASSES, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            path.write_bytes(np.zeros(4, np.uint8).tobytes())
    assert files_in(tmp_path / "images") == before
