"""The weights shelf: states of published and own files in several folders."""

import hashlib
from pathlib import Path

import pytest

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, MissingWeightsError
from inspector_app.protocol.shelf import Shelf, ShelfItem, refuse_missing
from inspector_app.protocol.weights import (
    OWN_FILE_NAME,
    OwnFile,
    OwnFiles,
    WeightsEntry,
    WeightsManifest,
)

CONTENT = b"published weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PUBLISHED = WeightsEntry(
    name="Model",
    file="model.pt",
    bytes=len(CONTENT),
    sha256=DIGEST,
    licence="Apache-2.0",
    url="https://example.org/model.pt",
    used_for="tests",
)


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(user: Path, hub: Path) -> Shelf:
    return Shelf(WeightsManifest(weights=(PUBLISHED,)), (user, hub), (user,))


def own_item(shelf: Shelf) -> ShelfItem:
    """Return the one own file, read."""
    [_, own] = shelf.entries()
    return shelf.look_up(own)


def record(folder: Path, name: str, content: bytes) -> None:
    own = OwnFile.imported_now(name, len(content), hashlib.sha256(content).hexdigest())
    (folder / OWN_FILE_NAME).write_text(OwnFiles(files=(own,)).model_dump_json())


def test_that_a_file_that_is_nowhere_is_missing(shelf: Shelf) -> None:
    assert shelf.glance(PUBLISHED) == ShelfItem(PUBLISHED, "missing")
    assert shelf.glance(PUBLISHED).is_read


def test_that_a_file_of_the_right_size_counts_as_present_before_it_is_read(
    shelf: Shelf, hub: Path
) -> None:
    (hub / "model.pt").write_bytes(CONTENT[::-1])
    item = shelf.glance(PUBLISHED)
    assert (item.state, item.path, item.is_read) == ("present", hub / "model.pt", False)


def test_that_the_size_is_the_files_or_else_the_published_one(shelf: Shelf, hub: Path) -> None:
    assert shelf.glance(PUBLISHED).size_bytes == len(CONTENT)
    (hub / "model.pt").write_bytes(b"cut")
    assert shelf.glance(PUBLISHED).size_bytes == 3


def test_that_reading_finds_another_content(shelf: Shelf, hub: Path) -> None:
    (hub / "model.pt").write_bytes(CONTENT[::-1])
    item = shelf.look_up(PUBLISHED)
    assert (item.state, item.path, item.is_read) == ("corrupt", hub / "model.pt", True)
    assert "https://example.org/model.pt" in item.remarks[0]


def test_that_a_genuine_file_is_found_behind_a_damaged_one(
    shelf: Shelf, user: Path, hub: Path
) -> None:
    (user / "model.pt").write_bytes(b"damaged")
    (hub / "model.pt").write_bytes(CONTENT)
    item = shelf.look_up(PUBLISHED)
    assert (item.state, item.path, item.sha256) == ("present", hub / "model.pt", DIGEST)
    assert str(user / "model.pt") in item.remarks[0]


def test_that_what_was_read_once_is_known_at_a_glance(shelf: Shelf, hub: Path) -> None:
    (hub / "model.pt").write_bytes(CONTENT)
    shelf.look_up(PUBLISHED)
    assert shelf.glance(PUBLISHED).sha256 == DIGEST


def test_that_a_published_file_without_a_hash_is_unpinned(user: Path) -> None:
    entry = PUBLISHED.model_copy(update={"sha256": None, "bytes": None})
    (user / "model.pt").write_bytes(CONTENT)
    shelf = Shelf(WeightsManifest(weights=(entry,)), (user,))
    item = shelf.verify(entry)
    assert (item.state, item.sha256) == ("unpinned", DIGEST)


def test_that_an_own_file_that_was_never_imported_is_unpinned(shelf: Shelf, user: Path) -> None:
    (user / "mine.safetensors").write_bytes(b"mine")
    assert own_item(shelf).state == "unpinned"


def test_that_an_own_file_as_imported_is_present(shelf: Shelf, user: Path) -> None:
    (user / "mine.safetensors").write_bytes(b"mine")
    record(user, "mine.safetensors", b"mine")
    assert own_item(shelf).state == "present"


@pytest.mark.parametrize("content", [b"Mine", b"mi"])
def test_that_an_own_file_that_has_changed_since_is_corrupt(
    shelf: Shelf, user: Path, content: bytes
) -> None:
    (user / "mine.safetensors").write_bytes(content)
    record(user, "mine.safetensors", b"mine")
    item = own_item(shelf)
    assert item.state == "corrupt"
    assert "is not what was imported" in item.remarks[0]


@pytest.mark.parametrize("name", ["notes.txt", ".import.pth", "model.pt"])
def test_that_other_files_are_no_own_weights(shelf: Shelf, user: Path, name: str) -> None:
    (user / name).write_bytes(CONTENT)
    assert list(shelf.entries()) == [PUBLISHED]


def test_that_own_files_of_a_shared_folder_are_not_listed(shelf: Shelf, hub: Path) -> None:
    (hub / "theirs.pth").write_bytes(b"theirs")
    assert list(shelf.entries()) == [PUBLISHED]


def test_that_a_folder_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    gone = (tmp_path / "gone",)
    assert list(Shelf(WeightsManifest(weights=(PUBLISHED,)), gone, gone).entries()) == [PUBLISHED]


def test_that_a_file_that_cannot_be_read_is_corrupt(
    shelf: Shelf, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not keep an administrator out.
    def fail(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    (hub / "model.pt").write_bytes(CONTENT)
    monkeypatch.setattr("inspector_app.protocol.digests.sha256_of_file", fail)
    item = shelf.verify(PUBLISHED)
    assert item.state == "corrupt"
    assert "it cannot be read (Permission denied)" in item.remarks[0]


def test_that_the_shelf_of_this_machine_looks_where_torch_keeps_its_weights(
    inspector_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("INSPECTOR_WEIGHTS", str(tmp_path / "shared"))
    shelf = Shelf.of_this_machine()
    own = (inspector_home / "weights", tmp_path / "shared")
    assert tuple(shelf.own_folders) == own
    assert tuple(shelf.folders) == (*own, tmp_path / "hub" / "checkpoints")


@pytest.mark.parametrize(("cache", "place"), [("/c", "/c/torch"), ("", "~/.cache/torch")])
def test_that_torchs_folder_follows_the_systems_cache(
    monkeypatch: pytest.MonkeyPatch, cache: str, place: str
) -> None:
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert paths.torch_hub_folder() == Path(place).expanduser() / "hub" / "checkpoints"


def test_that_a_damaged_installation_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "resources_folder", lambda: tmp_path)
    with pytest.raises(BadDataError, match=r"weights\.json"):
        Shelf.of_this_machine()


def test_that_all_that_is_missing_is_named_with_its_source(shelf: Shelf) -> None:
    item = shelf.glance(PUBLISHED)
    with pytest.raises(MissingWeightsError, match=f"drafting needs .*{PUBLISHED.file}") as told:
        refuse_missing([item], "drafting")
    assert PUBLISHED.url in told.value.hint


def test_that_nothing_is_refused_where_nothing_is_missing() -> None:
    refuse_missing([ShelfItem(PUBLISHED, "present")], "drafting")
