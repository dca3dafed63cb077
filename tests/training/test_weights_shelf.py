"""Files of weights: found, verified, read safely. No real weights: the manifest is made up."""

import hashlib
import os
import pickle
from pathlib import Path

import pytest
import torch

from inspector_app.domain.errors import MissingWeightsError
from inspector_app.protocol.weights import (
    OWN_FILE_NAME,
    OwnFile,
    OwnFiles,
    WeightsEntry,
    WeightsManifest,
)
from training.weights import WeightsShelf, read_weights_file

NAME = "Model"
FILE = "model.pt"


def entry_of(content: bytes) -> WeightsEntry:
    return WeightsEntry(
        name=NAME,
        file=FILE,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        url="https://example.org/model.pt",
        used_for="tests",
    )


def shelf_for(content: bytes, *folders: Path) -> WeightsShelf:
    return WeightsShelf(WeightsManifest(weights=(entry_of(content),)), folders)


def saved(value: object, path: Path) -> bytes:
    torch.save(value, path)
    return path.read_bytes()


def test_that_weights_that_lie_nowhere_are_missing(tmp_path: Path) -> None:
    item = shelf_for(b"weights", tmp_path, tmp_path / "gone").look_up(NAME)
    assert (item.state, item.path, item.remarks) == ("missing", None, ())


def test_that_the_published_file_is_present(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"weights")
    item = shelf_for(b"weights", tmp_path).look_up(NAME)
    assert (item.state, item.path, item.remarks) == ("present", tmp_path / FILE, ())


@pytest.mark.parametrize("content", [b"weighty", b"weigh", b""])
def test_that_another_file_of_that_name_is_refused_with_its_path_and_a_remedy(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    item = shelf_for(b"weights", tmp_path).look_up(NAME)
    assert item.state == "corrupt"
    [remark] = item.remarks
    assert str(tmp_path / FILE) in remark
    assert "https://example.org/model.pt" in remark


def test_that_a_genuine_file_is_found_behind_a_damaged_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, content in ((first, b"damaged"), (second, b"weights")):
        folder.mkdir()
        (folder / FILE).write_bytes(content)
    item = shelf_for(b"weights", first, second).look_up(NAME)
    assert (item.state, item.path) == ("present", second / FILE)
    assert str(first / FILE) in item.remarks[0]


def test_that_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    assert shelf_for(b"weights", tmp_path).look_up(NAME).state == "missing"


def test_that_a_file_which_was_verified_is_verified_again_when_it_has_changed(
    tmp_path: Path,
) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"weights")
    shelf = shelf_for(b"weights", tmp_path)
    assert shelf.look_up(NAME).state == "present"
    path.write_bytes(b"damaged")
    os.utime(path, ns=(0, 1))
    assert shelf.look_up(NAME).state == "corrupt"


def test_that_verified_weights_are_read(tmp_path: Path) -> None:
    content = saved({"layer.weight": torch.arange(6.0)}, tmp_path / FILE)
    weights = shelf_for(content, tmp_path).read(NAME)
    assert torch.equal(weights["layer.weight"], torch.arange(6.0))


def test_that_reading_missing_weights_says_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match=r"https://example\.org"):
        shelf_for(b"weights", tmp_path).read(NAME)


def test_that_reading_damaged_weights_names_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"damaged")
    with pytest.raises(MissingWeightsError, match=FILE):
        shelf_for(b"weights", tmp_path).read(NAME)


class Bomb:
    """Pickles to something that leaves a trace when it is loaded."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._trace),)


@pytest.mark.parametrize("save", [torch.save, lambda v, p: p.write_bytes(pickle.dumps(v))])
def test_that_a_pickle_posing_as_weights_is_refused_and_does_not_run(
    tmp_path: Path, save: object
) -> None:
    trace = tmp_path / "trace"
    save({"layer.weight": Bomb(trace)}, tmp_path / FILE)  # type: ignore[operator]
    content = (tmp_path / FILE).read_bytes()
    with pytest.raises(MissingWeightsError, match=FILE):
        shelf_for(content, tmp_path).read(NAME)
    assert not trace.exists()


@pytest.mark.parametrize("value", [[torch.zeros(2)], {"epoch": 3}, torch.zeros(2)])
def test_that_a_file_of_anything_but_named_tensors_is_refused(
    tmp_path: Path, value: object
) -> None:
    content = saved(value, tmp_path / FILE)
    with pytest.raises(MissingWeightsError, match=FILE):
        shelf_for(content, tmp_path).read(NAME)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half an archive", b"text"])
def test_that_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(MissingWeightsError, match=FILE):
        shelf_for(content, tmp_path).read(NAME)


def test_that_the_shelf_of_this_machine_looks_into_the_users_and_the_named_folder(
    tmp_path: Path, inspector_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSPECTOR_WEIGHTS", str(tmp_path))
    shelf = WeightsShelf.of_this_machine()
    assert tuple(shelf.folders)[:2] == (inspector_home / "weights", tmp_path)
    assert shelf.look_up("MobileSAM").state == "missing"


def test_that_an_own_file_is_read_as_it_was_imported(tmp_path: Path) -> None:
    content = saved({"layer.weight": torch.arange(6.0)}, tmp_path / "mine.pth")
    record_import(tmp_path, "mine.pth", content)
    assert torch.equal(read_weights_file(tmp_path / "mine.pth")["layer.weight"], torch.arange(6.0))


def test_that_an_own_file_that_has_changed_since_its_import_is_not_loaded(tmp_path: Path) -> None:
    record_import(tmp_path, "mine.pth", b"imported")
    saved({"layer.weight": torch.arange(6.0)}, tmp_path / "mine.pth")
    with pytest.raises(MissingWeightsError, match=r"mine\.pth: not what was imported"):
        read_weights_file(tmp_path / "mine.pth")


def test_that_loading_is_not_deceived_by_a_remembered_hash(tmp_path: Path) -> None:
    content = saved({"layer.weight": torch.arange(6.0)}, tmp_path / FILE)
    shelf = shelf_for(content, tmp_path)
    os.utime(tmp_path / FILE, ns=(0, 1))
    assert shelf.look_up(NAME).state == "present"
    (tmp_path / FILE).write_bytes(content[::-1])
    os.utime(tmp_path / FILE, ns=(0, 1))
    assert shelf.look_up(NAME).state == "present"
    with pytest.raises(MissingWeightsError, match="SHA-256"):
        shelf.read(NAME)


def record_import(folder: Path, name: str, content: bytes) -> None:
    own = OwnFile.imported_now(name, len(content), hashlib.sha256(content).hexdigest())
    (folder / OWN_FILE_NAME).write_text(OwnFiles(files=(own,)).model_dump_json())
