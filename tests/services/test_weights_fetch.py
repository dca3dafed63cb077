"""Fetching weights from a server that cuts, lies and redirects."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from inspector_app import paths
from inspector_app.domain.errors import BadDataError, DiskFullError
from inspector_app.domain.hashing import BytesCallback, ignore_progress
from inspector_app.protocol.shelf import Shelf
from inspector_app.protocol.weights import WeightsEntry, WeightsManifest
from inspector_app.services import download
from inspector_app.services.weights_fetch import fetch_weights, fetched_bytes, part_of
from tests.services.weights_server import HOST, Behaviour, serve

CONTENT = bytes(range(256)) * 2048


class StopError(Exception):
    """The operator asked to stop."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Behaviour:
    return Behaviour(CONTENT)


@pytest.fixture
def address(server: Behaviour) -> Iterator[str]:
    with serve(server) as address:
        yield address


@pytest.fixture
def entry(address: str) -> WeightsEntry:
    return WeightsEntry(
        name="Model",
        file="model.pt",
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
        url=f"{address}model.pt",
        used_for="tests",
    )


def fetch(entry: WeightsEntry, progress: BytesCallback = ignore_progress) -> Path:
    return fetch_weights(entry, progress=progress, plain_http_hosts=frozenset({HOST}))


def fetch_some(entry: WeightsEntry, server: Behaviour) -> None:
    """Fetch until the server has cut the connection for good."""
    server.cuts = [100_000, 0]
    with pytest.raises(BadDataError, match="cut"):
        fetch(entry)


def leftovers() -> list[str]:
    return sorted(path.name for path in paths.weights_folder().iterdir())


def test_that_fetched_weights_are_put_in_place_and_nothing_else(entry: WeightsEntry) -> None:
    path = fetch(entry)
    assert path == paths.weights_folder() / "model.pt"
    assert path.read_bytes() == CONTENT
    assert leftovers() == ["model.pt"]


def test_that_fetched_weights_are_known_without_reading_them_again(entry: WeightsEntry) -> None:
    fetch(entry)
    shelf = Shelf.of_this_machine()
    shelf.manifest = WeightsManifest(weights=(entry,))
    assert shelf.glance(entry).sha256 == entry.sha256


def test_that_progress_ends_at_the_whole_file(entry: WeightsEntry) -> None:
    seen: list[tuple[int, int]] = []
    fetch(entry, lambda *step: seen.append(step))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


def test_that_a_cut_connection_is_gone_on_with_from_where_it_was_cut(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.cuts = [100_000, 50_000]
    assert fetch(entry).read_bytes() == CONTENT
    asked = [request.get("Range") for request in server.requests]
    assert asked == [None, "bytes=100000-", "bytes=150000-"]


def test_that_a_server_that_keeps_cutting_is_named_and_what_came_is_kept(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.cuts = [300_000, 0]
    with pytest.raises(BadDataError, match="the connection was cut at 300,000 of 524,288 bytes"):
        fetch(entry)
    assert fetched_bytes(entry) == 300_000
    assert fetch(entry).read_bytes() == CONTENT
    assert server.requests[-1]["Range"] == "bytes=300000-"


def test_that_stopping_keeps_what_came(entry: WeightsEntry) -> None:
    def stop(done: int, _total: int) -> None:
        if done >= 100_000:
            raise StopError

    with pytest.raises(StopError):
        fetch(entry, stop)
    assert 100_000 <= fetched_bytes(entry) < len(CONTENT)
    assert fetch(entry).read_bytes() == CONTENT


def test_that_a_file_that_changed_on_the_server_is_fetched_anew(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.content = bytes(len(CONTENT))
    fetch_some(entry, server)
    server.content, server.etag = CONTENT, '"v2"'
    assert fetch(entry).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("etag", "last_modified", "is_resumed"),
    [
        ('W/"v1"', "", False),
        ("", "", False),
        ('W/"v1"', "Mon, 01 Jan 2024 00:00:00 GMT", True),
        ("", "Mon, 01 Jan 2024 00:00:00 GMT", True),
    ],
)
def test_that_a_part_is_gone_on_with_only_if_it_is_surely_of_the_same_file(
    entry: WeightsEntry, server: Behaviour, etag: str, last_modified: str, is_resumed: bool
) -> None:
    server.etag, server.last_modified = etag, last_modified
    server.cuts = [100_000]
    assert fetch(entry).read_bytes() == CONTENT
    assert ("Range" in server.requests[-1]) is is_resumed


def test_that_a_server_without_ranges_sends_everything_again(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.knows_ranges = False
    server.cuts = [100_000]
    assert fetch(entry).read_bytes() == CONTENT


def test_that_a_whole_part_is_verified_without_asking_again(
    entry: WeightsEntry, server: Behaviour
) -> None:
    source = download.Source(entry.url, entry.bytes, frozenset({HOST}))
    download.download(source, part_of(entry), progress=ignore_progress)
    assert fetch(entry).read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_that_a_part_that_is_too_long_is_fetched_anew(
    entry: WeightsEntry, server: Behaviour
) -> None:
    fetch_some(entry, server)
    with part_of(entry).open("ab") as file:
        file.write(bytes(len(CONTENT)))
    assert fetch(entry).read_bytes() == CONTENT


def test_that_another_content_is_deleted_and_never_put_in_place(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.content = CONTENT[::-1]
    with pytest.raises(BadDataError, match=r"not the published Model: its SHA-256 begins"):
        fetch(entry)
    assert leftovers() == []


def test_that_another_size_is_refused_before_anything_is_fetched(
    entry: WeightsEntry, server: Behaviour
) -> None:
    server.content = CONTENT + b"!"
    with pytest.raises(BadDataError, match="offers 524,289 bytes, the published file has 524,288"):
        fetch(entry)
    assert fetched_bytes(entry) == 0


def test_that_a_server_that_does_not_end_is_cut_off(entry: WeightsEntry, server: Behaviour) -> None:
    server.content, server.says_length = CONTENT * 2, False
    with pytest.raises(BadDataError, match="more than the 524,288 bytes"):
        fetch(entry)


def test_that_a_file_of_unknown_size_is_fetched(entry: WeightsEntry, server: Behaviour) -> None:
    server.says_length = False
    unsized = entry.model_copy(update={"bytes": None})
    assert fetch(unsized).read_bytes() == CONTENT


def test_that_no_server_may_fill_the_disk_with_what_cannot_be_weights(
    entry: WeightsEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_MAX_BYTES", 1000)
    with pytest.raises(BadDataError, match="this cannot be weights"):
        fetch(entry.model_copy(update={"bytes": None}))


def test_that_a_redirect_is_followed(entry: WeightsEntry, server: Behaviour, address: str) -> None:
    server.redirect = f"{address}moved"
    server.cuts = [100_000]
    assert fetch(entry).read_bytes() == CONTENT
    assert server.requests[-1]["Range"] == "bytes=100000-"


@pytest.mark.parametrize("place", ["http://example.org/model.pt", "file:///etc/hostname"])
def test_that_a_redirect_away_from_https_is_refused(
    entry: WeightsEntry, server: Behaviour, place: str
) -> None:
    server.redirect = place
    with pytest.raises(BadDataError, match=r"anybody could change|is not allowed"):
        fetch(entry)


def test_that_redirects_in_a_circle_end(entry: WeightsEntry, server: Behaviour) -> None:
    server.redirect = entry.url
    with pytest.raises(BadDataError, match="302"):
        fetch(entry)


@pytest.mark.parametrize("url", ["http://127.0.0.1/model.pt", "ftp://example.org/m", "model.pt"])
def test_that_only_https_is_used_unless_a_host_is_named(entry: WeightsEntry, url: str) -> None:
    with pytest.raises(BadDataError, match="no https address"):
        fetch_weights(entry.model_copy(update={"url": url}), progress=ignore_progress)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_that_a_refusal_of_the_server_is_told(
    entry: WeightsEntry, server: Behaviour, status: int
) -> None:
    server.status = status
    with pytest.raises(BadDataError, match=f"the server answers {status}"):
        fetch(entry)


def test_that_a_server_out_of_reach_is_told(entry: WeightsEntry) -> None:
    gone = entry.model_copy(update={"url": f"http://{HOST}:9/model.pt"})
    with pytest.raises(BadDataError, match=r"cannot be reached \(Connection refused\)"):
        fetch(gone)


@pytest.mark.parametrize("answer", ["bytes 5-9/524288", "nonsense"])
def test_that_a_part_nobody_asked_for_is_refused(
    entry: WeightsEntry, server: Behaviour, answer: str
) -> None:
    server.forced_range = answer
    with pytest.raises(BadDataError, match="a part that nobody asked for"):
        fetch(entry)


def test_that_too_little_room_is_told_before_anything_is_fetched(
    entry: WeightsEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_RESERVE_BYTES", 2**62)
    with pytest.raises(DiskFullError, match="are free"):
        fetch(entry)
    assert fetched_bytes(entry) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_that_a_disk_that_fills_up_is_told(
    entry: WeightsEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    part_of(entry).parent.mkdir(parents=True)
    part_of(entry).symlink_to("/dev/full")
    # Else a file would take the device's place.
    monkeypatch.setattr(download, "_begin", lambda *_: None)
    with pytest.raises(DiskFullError, match=r"model\.pt\.part: the disk is full") as caught:
        fetch(entry)
    assert "fetching again goes on from" in caught.value.hint
    assert part_of(entry).is_symlink()


@pytest.mark.skipif(
    not any(map(os.path.isfile, download._BUNDLES)), reason="needs a system with certificates"
)
def test_that_the_systems_certificates_are_found_wherever_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    assert download._trust().get_ca_certs()


def test_that_the_systems_proxy_is_used(
    entry: WeightsEntry, server: Behaviour, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", address)
    monkeypatch.delenv("no_proxy", raising=False)
    behind = entry.model_copy(update={"url": "http://weights.invalid/model.pt"})
    fetch_weights(behind, progress=ignore_progress, plain_http_hosts=frozenset({"weights.invalid"}))
    assert server.requests[0]["Host"] == "weights.invalid"


def test_that_nothing_is_fetched_that_nobody_has_pinned(
    entry: WeightsEntry, server: Behaviour
) -> None:
    with pytest.raises(BadDataError, match="nobody has published"):
        fetch(entry.model_copy(update={"sha256": None}))
    assert server.requests == []


def test_that_two_programs_do_not_fetch_the_same_file_at_once(entry: WeightsEntry) -> None:
    paths.cache_folder().mkdir(parents=True)
    with (
        FileLock(paths.cache_folder() / "model.pt.lock"),
        pytest.raises(BadDataError, match="being fetched already"),
    ):
        fetch(entry)
