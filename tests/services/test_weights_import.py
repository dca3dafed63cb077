"""Importing weights from files and folders."""

import hashlib
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.domain.hashing import ignore_progress
from inspector_app.protocol.shelf import Shelf, ShelfItem, own_files
from inspector_app.protocol.weights import WeightsEntry
from inspector_app.services import weights_import
from inspector_app.services.weights_import import find_weights, import_all, import_weights
from tests.services.published import CONTENT, PUBLISHED, publish


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files come from; one of them is the published one under another name."""
    publish(tmp_path / "resources", monkeypatch)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "renamed.bin").write_bytes(CONTENT)
    return folder


def own(path: Path, value: float = 1.0) -> Path:
    save_file({"weight": np.full(3, value, np.float32)}, path)
    return path


def bring(path: Path) -> WeightsEntry:
    return import_weights(path, progress=ignore_progress)


def item_of(name: str) -> ShelfItem:
    """Return what the shelf says at a glance."""
    shelf = Shelf.of_this_machine()
    return next(shelf.glance(entry) for entry in shelf.entries() if entry.file == name)


def imported_names() -> list[str]:
    there = paths.weights_folder()
    return sorted(path.name for path in there.iterdir()) if there.exists() else []


def test_that_published_weights_are_recognised_by_their_content(folder: Path) -> None:
    assert bring(folder / "renamed.bin") == PUBLISHED
    assert (paths.weights_folder() / "small.pt").read_bytes() == CONTENT


def test_that_imported_weights_are_known_without_reading_them_again(folder: Path) -> None:
    assert item_of("small.pt").state == "missing"
    bring(folder / "renamed.bin")
    assert (item_of("small.pt").state, item_of("small.pt").sha256) == ("present", PUBLISHED.sha256)


def test_that_an_own_file_is_pinned_by_its_import(folder: Path) -> None:
    entry = bring(own(folder / "mine.safetensors"))
    assert (entry.is_own, entry.file) == (True, "mine.safetensors")
    item = item_of("mine.safetensors")
    assert (item.state, item.sha256) == ("present", entry.sha256)


def test_that_an_own_file_in_the_folder_can_be_pinned_where_it_is(folder: Path) -> None:
    paths.weights_folder().mkdir(parents=True)
    own(paths.weights_folder() / "mine.safetensors")
    assert item_of("mine.safetensors").state == "unpinned"
    bring(paths.weights_folder() / "mine.safetensors")
    assert item_of("mine.safetensors").state == "present"


def test_that_importing_the_same_file_again_does_no_harm(folder: Path) -> None:
    for _ in range(2):
        bring(own(folder / "mine.safetensors"))
    assert len(own_files(paths.weights_folder()).files) == 1


def test_that_other_own_weights_of_the_same_name_are_refused(folder: Path) -> None:
    bring(own(folder / "mine.safetensors"))
    before = (paths.weights_folder() / "mine.safetensors").read_bytes()
    with pytest.raises(BadDataError, match="other weights of that name were imported"):
        bring(own(folder / "mine.safetensors", 2.0))
    assert (paths.weights_folder() / "mine.safetensors").read_bytes() == before


def test_that_an_own_file_that_was_deleted_makes_room_for_another(folder: Path) -> None:
    bring(own(folder / "mine.safetensors"))
    (paths.weights_folder() / "mine.safetensors").unlink()
    bring(own(folder / "mine.safetensors", 2.0))
    assert item_of("mine.safetensors").state == "present"


def test_that_a_torch_archive_and_an_old_pickle_may_be_own_files(folder: Path) -> None:
    with zipfile.ZipFile(folder / "new.pth", "w") as archive:
        archive.writestr("data.pkl", b"")
    (folder / "old.PT").write_bytes(pickle.dumps({}, protocol=2))
    report = import_all([folder / "new.pth", folder / "old.PT"], progress=ignore_progress)
    assert report.faults == ()
    assert imported_names() == ["new.pth", "old.PT", "own.json"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("small.pt", CONTENT[:-1], "not the published Small"),
        ("other.pt", CONTENT[:-1], "none of torch's files"),
        ("other.pth", b"", "none of torch's files"),
        ("other.safetensors", b"\x08\0\0\0\0\0\0\0{}      ", "it is empty"),
        ("other.safetensors", b"no weights at all", "no weights"),
        ("photo.png", b"\x89PNG", "weights end in"),
    ],
)
def test_that_other_files_are_refused_and_leave_nothing(
    folder: Path, name: str, content: bytes, complaint: str
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(BadDataError, match=rf"{name}.*{complaint}"):
        bring(folder / name)
    assert imported_names() == []


def test_that_an_unreadable_file_is_named(folder: Path) -> None:
    with pytest.raises(BadDataError, match=r"gone\.pt.*cannot be read"):
        bring(folder / "gone.pt")


def test_that_progress_counts_all_files_and_a_bad_one_stops_none(folder: Path) -> None:
    (folder / "bad.pt").write_bytes(b"bad")
    files = [folder / "bad.pt", folder / "renamed.bin"]
    seen: list[tuple[int, int]] = []
    report = import_all(files, progress=lambda *step: seen.append(step))
    total = 3 + len(CONTENT)
    assert [entry.name for entry in report.entries] == ["Small"]
    assert seen == [(3, total), (total, total)]
    assert len(report.faults) == 1


def test_that_a_full_disk_ends_an_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DiskFullError("full")

    monkeypatch.setattr(weights_import, "put_in_place", fail)
    with pytest.raises(DiskFullError):
        import_all([folder / "renamed.bin"] * 2, progress=ignore_progress)
    assert imported_names() == []


def test_that_stopping_an_import_leaves_nothing(folder: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_weights(folder / "renamed.bin", progress=stop)
    assert imported_names() == []


def test_that_a_folder_is_searched_at_any_depth_for_what_looks_like_weights(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    wanted = [own(folder / "deep" / "er" / "mine.safetensors"), folder / "A.PTH"]
    (folder / "A.PTH").write_bytes(b"12")
    (folder / "deep" / ".hidden.pt").write_bytes(b"")
    found = find_weights([folder])
    assert set(found.files) == set(wanted)
    assert found.bytes == sum(path.stat().st_size for path in wanted)
    assert found.is_from_folder


def test_that_a_file_that_is_named_is_taken_whatever_its_name(folder: Path) -> None:
    found = find_weights([folder / "renamed.bin"])
    assert (found.files, found.is_from_folder) == ((folder / "renamed.bin",), False)


def test_that_a_folder_without_weights_says_so(folder: Path) -> None:
    with pytest.raises(BadDataError, match="no weights in there"):
        find_weights([folder])


def test_that_the_copy_is_what_was_hashed(folder: Path) -> None:
    entry = bring(own(folder / "mine.safetensors"))
    copy = (paths.weights_folder() / "mine.safetensors").read_bytes()
    assert hashlib.sha256(copy).hexdigest() == entry.sha256
