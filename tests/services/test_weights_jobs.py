"""The weights shelf for the window: listing, verifying, importing, fetching in threads."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from inspector_app import paths
from inspector_app.protocol.shelf import ShelfItem
from inspector_app.services.weights_fetch import part_of
from inspector_app.services.weights_jobs import WeightsJobs
from tests.services.published import CONTENT, PUBLISHED
from tests.services.weights_server import Behaviour

TIMEOUT_MS = 20_000


def listed(weights_jobs: WeightsJobs, qtbot: QtBot) -> list[ShelfItem]:
    with qtbot.waitSignal(weights_jobs.listed, timeout=TIMEOUT_MS) as seen:
        weights_jobs.refresh()
    items: list[ShelfItem] = seen.args[0]
    return items


def put(content: bytes) -> None:
    paths.weights_folder().mkdir(parents=True)
    (paths.weights_folder() / "small.pt").write_bytes(content)


def test_that_listing_reads_no_file_and_verifying_does(
    weights_jobs: WeightsJobs, qtbot: QtBot
) -> None:
    put(CONTENT[::-1])
    [item, _] = listed(weights_jobs, qtbot)
    assert (item.state, item.is_read) == ("present", False)
    with qtbot.waitSignal(weights_jobs.verified, timeout=TIMEOUT_MS) as verified:
        weights_jobs.verify([item.entry])
    assert verified.args[0][0].state == "corrupt"


def test_that_what_was_verified_is_known_to_the_next_list(
    weights_jobs: WeightsJobs, qtbot: QtBot
) -> None:
    put(CONTENT)
    [item, _] = listed(weights_jobs, qtbot)
    with qtbot.waitSignal(weights_jobs.listed, timeout=TIMEOUT_MS) as after:
        weights_jobs.verify([item.entry], is_anew=False)
    assert after.args[0][0].is_read


def test_that_a_folder_is_looked_through_and_then_imported(
    weights_jobs: WeightsJobs, stick: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(weights_jobs.found, timeout=TIMEOUT_MS) as found:
        weights_jobs.find([stick])
    with qtbot.waitSignals([weights_jobs.brought, weights_jobs.arrived], timeout=TIMEOUT_MS):
        weights_jobs.bring(found.args[0].files)
    assert listed(weights_jobs, qtbot)[0].state == "present"


def test_that_a_folder_without_weights_is_told(
    weights_jobs: WeightsJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "stick").mkdir()
    with qtbot.waitSignal(weights_jobs.failed, timeout=TIMEOUT_MS) as failed:
        weights_jobs.find([tmp_path / "stick"])
    assert "no weights in there" in failed.args[0]


def test_that_one_fetch_that_fails_does_not_keep_the_others_out(
    weights_jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entries = [item.entry for item in listed(weights_jobs, qtbot)]
    broken = entries[1].model_copy(update={"url": "http://192.0.2.1/other.pt"})
    with qtbot.waitSignal(weights_jobs.brought, timeout=TIMEOUT_MS) as fetched:
        weights_jobs.fetch([broken, entries[0]])
    report = fetched.args[0]
    assert ([entry.name for entry in report.entries], len(report.faults)) == (["Small"], 1)


def test_that_a_fetch_can_be_stopped_and_keeps_what_came(
    weights_jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entry = listed(weights_jobs, qtbot)[0].entry
    with qtbot.waitSignals([weights_jobs.stopped, weights_jobs.ended], timeout=TIMEOUT_MS):
        weights_server.gate.clear()
        weights_jobs.fetch([entry])
        weights_jobs.stop()
        weights_server.gate.set()
    assert not (paths.weights_folder() / "small.pt").exists()
    assert not weights_jobs.is_busy


def test_that_a_second_job_waits_until_it_is_asked_for_again(
    weights_jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    entries = [item.entry for item in listed(weights_jobs, qtbot)]
    with qtbot.waitSignal(weights_jobs.ended, timeout=TIMEOUT_MS):
        weights_jobs.fetch(entries[:1])
        weights_jobs.fetch(entries[1:])
    assert len(weights_server.requests) == 1


def test_that_a_damaged_installation_is_told_once(
    weights_jobs: WeightsJobs, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "resources" / "weights.json").write_text("{}")
    with qtbot.waitSignal(weights_jobs.failed, timeout=TIMEOUT_MS) as failed:
        weights_jobs.refresh()
    assert "weights.json" in failed.args[0]


def test_that_nothing_is_fetched_by_listing_or_verifying(
    weights_jobs: WeightsJobs, weights_server: Behaviour, qtbot: QtBot
) -> None:
    items = listed(weights_jobs, qtbot)
    with qtbot.waitSignal(weights_jobs.verified, timeout=TIMEOUT_MS):
        weights_jobs.verify([item.entry for item in items])
    assert weights_server.requests == []
    assert not part_of(PUBLISHED).exists()
