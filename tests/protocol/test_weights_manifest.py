"""The manifest of published weights."""

import hashlib
import json

import pytest

from inspector_app.domain.errors import BadDataError, BugError
from inspector_app.paths import resources_folder
from inspector_app.protocol.weights import (
    MANIFEST_FILE_NAME,
    OWN_FILE_NAME,
    OwnFile,
    OwnFiles,
    WeightsEntry,
    WeightsManifest,
    load_manifest,
    load_own_files,
    own_entry,
    recognise,
)

CONTENT = b"published weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def entry(*, size: int | None = len(CONTENT), sha256: str = "") -> WeightsEntry:
    return WeightsEntry(
        name="Model",
        file="model.pt",
        bytes=size,
        sha256=sha256 or DIGEST,
        licence="Apache-2.0",
        url="https://example.org/model.pt",
        used_for="tests",
    )


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_that_the_published_file_has_no_fault(size: int | None) -> None:
    published = entry(size=size)
    assert published.size_fault(len(CONTENT)) == published.digest_fault(DIGEST) == ""


def test_that_a_cut_off_file_is_told_by_its_size() -> None:
    fault = entry().size_fault(len(CONTENT) - 1)
    assert fault == f"it has {len(CONTENT) - 1} bytes, the published file {len(CONTENT)}"


def test_that_a_changed_file_is_told_by_its_hash() -> None:
    fault = entry().digest_fault("0" * 64)
    assert fault == f"its SHA-256 begins 000000000000, that of the published file {DIGEST[:12]}"


@pytest.mark.parametrize(("digest", "is_it"), [(DIGEST, True), ("0" * 64, False)])
def test_that_the_beginning_of_a_hash_is_enough_where_no_more_is_published(
    digest: str, is_it: bool
) -> None:
    published = entry(size=None, sha256=DIGEST[:8])
    assert (published.digest_fault(digest) == "") is is_it
    assert (recognise([published], digest) == published) is is_it


def test_that_a_file_nobody_has_pinned_has_no_fault_and_is_never_recognised() -> None:
    unpinned = entry(size=None).model_copy(update={"sha256": None})
    assert unpinned.digest_fault(DIGEST) == ""
    assert recognise([unpinned], DIGEST) is None


def test_that_an_own_file_is_compared_with_what_was_imported() -> None:
    own = own_entry("mine.pth", OwnFile.imported_now("mine.pth", 3, DIGEST))
    assert own.size_fault(2) == "it has 2 bytes, the file that was imported 3"
    assert "Import mine.pth again" in own.remedy


def test_that_an_own_file_without_a_record_is_pinned_by_nothing() -> None:
    own = own_entry("mine.pth", None)
    assert (own.is_own, own.sha256, own.bytes) == (True, None, None)


def test_that_importing_again_replaces_the_record() -> None:
    files = OwnFiles()
    for name, size in (("a.pt", 1), ("b.pt", 2), ("a.pt", 3)):
        files = files.with_file(OwnFile.imported_now(name, size, DIGEST))
    assert {each.file: each.bytes for each in files.files} == {"a.pt": 3, "b.pt": 2}
    assert load_own_files(files.model_dump_json().encode()) == files


def test_that_a_damaged_record_of_own_files_is_named() -> None:
    with pytest.raises(BadDataError, match=rf"{OWN_FILE_NAME}: .* at files"):
        load_own_files(b'{"files": 1}')


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
    assert len({each.file for each in manifest.weights}) == len(names)


def test_that_every_published_file_is_at_an_address_that_cannot_be_tampered_with() -> None:
    manifest = load_manifest((resources_folder() / MANIFEST_FILE_NAME).read_bytes())
    for entry in manifest.weights:
        assert entry.url.startswith("https://")
        assert entry.url.endswith(f"/{entry.file}")


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
