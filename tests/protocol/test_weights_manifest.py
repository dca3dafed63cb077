"""The manifest of published weights."""

import hashlib
import io
import json

import pytest

from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.paths import resources_folder
from inspector_app.protocol.weights import (
    MANIFEST_FILE_NAME,
    WeightsEntry,
    WeightsManifest,
    load_manifest,
)

CONTENT = b"published weights"


def entry(*, size: int | None = len(CONTENT), sha256: str = "") -> WeightsEntry:
    return WeightsEntry(
        name="Model",
        file="model.pt",
        bytes=size,
        sha256=sha256 or hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
        url="https://example.org/model.pt",
        used_for="tests",
    )


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_that_the_published_file_has_no_fault(size: int | None) -> None:
    assert entry(size=size).fault_of(io.BytesIO(CONTENT)) == ""


def test_that_a_cut_off_file_is_told_by_its_size() -> None:
    fault = entry().fault_of(io.BytesIO(CONTENT[:-1]))
    assert fault == f"it has {len(CONTENT) - 1} bytes, the published file {len(CONTENT)}"


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_that_a_changed_file_is_told_by_its_hash(size: int | None) -> None:
    fault = entry(size=size).fault_of(io.BytesIO(CONTENT[:-1] + b"!"))
    assert fault.startswith("its SHA-256 begins ")


@pytest.mark.parametrize(("content", "is_it"), [(CONTENT, True), (CONTENT + b"!", False)])
def test_that_the_beginning_of_a_hash_is_enough_where_no_more_is_published(
    content: bytes, is_it: bool
) -> None:
    begins = hashlib.sha256(CONTENT).hexdigest()[:8]
    fault = entry(size=None, sha256=begins).fault_of(io.BytesIO(content))
    assert (fault == "") is is_it


def test_that_a_file_that_was_read_before_is_read_from_its_start() -> None:
    stream = io.BytesIO(CONTENT)
    stream.read()
    assert entry().fault_of(stream) == ""


def test_that_an_entry_is_found_by_its_name() -> None:
    other = entry().model_copy(update={"name": "Other"})
    manifest = WeightsManifest(weights=(other, entry()))
    assert manifest.entry("Model") == entry()
    with pytest.raises(BugError, match="'Missing'"):
        manifest.entry("Missing")


def test_that_the_manifest_of_the_program_can_be_read() -> None:
    manifest = load_manifest((resources_folder() / MANIFEST_FILE_NAME).read_bytes())
    names = [each.name for each in manifest.weights]
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "at top"),
        (b'{"weights": 3}', "at weights"),
        (
            json.dumps({"weights": [entry().model_dump() | {"sha256": "123"}]}).encode(),
            r"at weights\.0\.sha256",
        ),
    ],
)
def test_that_a_damaged_manifest_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(BadDataError, match=rf"{MANIFEST_FILE_NAME}: .*{complaint}"):
        load_manifest(data)
