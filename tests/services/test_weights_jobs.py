"""The weights shelf for the window: listing, verifying, importing, fetching in threads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.protocol.shelf import ShelfItem
from inspector_app.services.weights_fetch import part_of
from inspector_app.services.weights_jobs import WeightsJobs
from tests.services.published import CONTENT, PUBLISHED
from tests.services.weights_server import HOST, Behaviour

TIMEOUT_MS = 20_000


@pytest.fixture
def jobs(weights_server: Behaviour, qtbot: QtBot) -> Iterator[WeightsJobs]:
    jobs = WeightsJobs(plain_http_hosts=frozenset({HOST}))
    yield jobs
    jobs.shut_down()


def listed(jobs: WeightsJobs, qtbot: QtBot) -> list[ShelfItem]:
    with qtbot.waitSignal(jobs.listed, timeout=TIMEOUT_MS) as seen:
        jobs.refresh()
    items: list[ShelfItem] = seen.args[0]
    return items


def put(content: bytes) -> None:
    paths.weights_folder().mkdir(parents=True)
    (paths.weights_folder() / "small.pt").write_bytes(content)


def test_that_listing_reads_no_file_and_verifying_does(jobs: WeightsJobs, qtbot: QtBot) -> None:
    put(CONTENT[::-1])
    [item, _] = listed(jobs, qtbot)
    assert (item.state, item.is_read) == ("present", False)
    with qtbot.waitSignal(jobs.verified, timeout=TIMEOUT_MS) as verified:
        jobs.verify([item.entry])
    assert verified.args[0][0].state == "corrupt"


def test_that_what_was_verified_is_known_to_the_next_list(jobs: WeightsJobs, qtbot: QtBot) -> None:
    put(CONTENT)
    [item, _] = listed(jobs, qtbot)
    with qtbot.waitSignal(jobs.listed, timeout=TIMEOUT_MS) as after:
        jobs.verify([item.entry], is_anew=False)
    assert after.args[0][0].is_read


def test_that_a_folder_is_looked_through_and_then_imported(
    jobs: WeightsJobs, stick: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(jobs.found, timeout=TIMEOUT_MS) as found:
        jobs.find([stick])
    with qtbot.waitSignals([jobs.imported, jobs.arrived], timeout=TIMEOUT_MS):
        jobs.bring(found.args[0].files)
    assert listed(jobs, qtbot)[0].state == "present"


def test_that_a_folder_without_weights_is_told(
    jobs: WeightsJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "stick").mkdir()
    with qtbot.waitSignal(jobs.failed, timeout=TIMEOUT_MS) as failed:
        jobs.find([tmp_path / "stick"])
    assert "no weights in there" in failed.args[0]


def test_that_one_fetch_that_fails_does_not_keep_the_others_out(
    jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entries = [item.entry for item in listed(jobs, qtbot)]
    broken = entries[1].model_copy(update={"url": "http://192.0.2.1/other.pt"})
    with qtbot.waitSignal(jobs.fetched, timeout=TIMEOUT_MS) as fetched:
        jobs.fetch([broken, entries[0]])
    report = fetched.args[0]
    assert ([entry.name for entry in report.fetched], len(report.faults)) == (["Small"], 1)


def test_that_a_fetch_can_be_stopped_and_keeps_what_came(
    jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entry = listed(jobs, qtbot)[0].entry
    with qtbot.waitSignals([jobs.stopped, jobs.ended], timeout=TIMEOUT_MS):
        jobs.fetch([entry])
        jobs.stop()
    assert not (paths.weights_folder() / "small.pt").exists()
    assert not jobs.is_busy


def test_that_a_second_job_waits_until_it_is_asked_for_again(
    jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entries = [item.entry for item in listed(jobs, qtbot)]
    with qtbot.waitSignal(jobs.ended, timeout=TIMEOUT_MS):
        jobs.fetch(entries[:1])
        jobs.fetch(entries[1:])
    assert len(weights_server.requests) == 1


def test_that_a_damaged_installation_is_told_once(
    jobs: WeightsJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "resources" / "weights.json").write_text("{}")
    with qtbot.waitSignal(jobs.failed, timeout=TIMEOUT_MS) as failed:
        jobs.refresh()
    assert "weights.json" in failed.args[0]


def test_that_nothing_is_fetched_by_listing_or_verifying(
    jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    items = listed(jobs, qtbot)
    with qtbot.waitSignal(jobs.verified, timeout=TIMEOUT_MS):
        jobs.verify([item.entry for item in items])
    assert weights_server.requests == []
    assert not part_of(PUBLISHED).exists()
