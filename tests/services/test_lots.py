"""Patterns are tried where they can be ended."""

import threading

import pytest

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.lots import find_lots
from inspector_app.services import lots
from inspector_app.services.lots import find_lots_in_time

ENDLESS = r"^(a+)+$"
PATHS = ["lot1_a.png", "lot2_b.png", "other.png"]


def test_that_another_process_finds_the_same_lots() -> None:
    found = find_lots_in_time(r"^lot(\d)", PATHS)
    assert found == find_lots(r"^lot(\d)", PATHS) == ["1", "2", None]


def test_that_a_pattern_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "_LIMIT_S", 0.2)
    with pytest.raises(BadDataError, match="takes too long") as error:
        find_lots_in_time(ENDLESS, ["a" * 60 + "b"])
    assert "repetitions" in error.value.hint


def test_that_other_threads_run_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lots, "_LIMIT_S", 0.5)
    errors: list[BadDataError] = []

    def search() -> None:
        try:
            find_lots_in_time(ENDLESS, ["a" * 60 + "b"])
        except BadDataError as error:
            errors.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    turns = 0
    while thread.is_alive():
        thread.join(0.001)
        turns += 1
    assert errors
    assert turns > 50


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}"])
def test_that_what_is_no_pattern_is_told_with_an_example(pattern: str) -> None:
    with pytest.raises(BadDataError, match="not a regular expression") as error:
        find_lots_in_time(pattern, PATHS)
    assert "example" in error.value.hint


def test_that_a_process_that_ends_by_itself_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object) -> object:
        raise EOFError

    monkeypatch.setattr(lots, "_receive", end)
    with pytest.raises(BadDataError, match="ended"):
        find_lots_in_time("lot", PATHS)
