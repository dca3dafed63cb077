"""What goes over the wire, word for word: older runs and the other side depend on it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from inspector_app.protocol.base import FILE_VERSION, Frozen
from inspector_app.protocol.codec import decode_command, decode_event, encode
from inspector_app.protocol.files import (
    BundleCard,
    DatasetItem,
    InspectionItem,
    InspectionJob,
    Prediction,
    RedrawnImage,
    TrainingJob,
)
from inspector_app.protocol.messages import Command, Event

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = (GOLDEN / "commands.jsonl").read_bytes().splitlines(keepends=True)
EVENTS = (GOLDEN / "events.jsonl").read_bytes().splitlines(keepends=True)
FILES = [json.loads(line) for line in (GOLDEN / "files.jsonl").read_bytes().splitlines()]
FILE_MODELS = {
    model.__name__: model
    for model in (
        BundleCard,
        DatasetItem,
        InspectionItem,
        InspectionJob,
        Prediction,
        RedrawnImage,
        TrainingJob,
    )
}


def members(union: Any) -> set[type[Frozen]]:
    """Return the message classes of ``Annotated[A | B | …, Field(...)]``."""
    return set(get_args(get_args(union)[0]))


@pytest.mark.parametrize("line", COMMANDS)
def test_that_a_command_keeps_its_form(line: bytes) -> None:
    assert encode(decode_command(line)) == line


@pytest.mark.parametrize("line", EVENTS)
def test_that_an_event_keeps_its_form(line: bytes) -> None:
    assert encode(decode_event(line)) == line


@pytest.mark.parametrize(
    ("decode", "line"),
    [(decode_command, line) for line in COMMANDS] + [(decode_event, line) for line in EVENTS],
)
def test_that_an_optional_field_left_out_means_nothing(
    decode: Callable[[bytes], Frozen], line: bytes
) -> None:
    whole = decode(line)
    required = {name for name, field in type(whole).model_fields.items() if field.is_required()}
    given = {
        name: value
        for name, value in json.loads(line).items()
        if value or name in required or name == "type"
    }
    assert decode(json.dumps(given).encode()) == whole


def test_that_every_command_has_a_golden_line() -> None:
    assert {type(decode_command(line)) for line in COMMANDS} == members(Command)


def test_that_every_event_has_a_golden_line() -> None:
    assert {type(decode_event(line)) for line in EVENTS} == members(Event)


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: next(iter(entry)))
def test_that_a_file_keeps_its_form(entry: dict[str, dict[str, Any]]) -> None:
    [(name, content)] = entry.items()
    model = FILE_MODELS[name].model_validate_json(json.dumps(content))
    assert json.loads(encode(model)) == content


def test_that_every_file_has_a_golden_line() -> None:
    assert {name for entry in FILES for name in entry} == set(FILE_MODELS)


@pytest.mark.parametrize("name", ["BundleCard", "InspectionJob", "TrainingJob"])
def test_that_a_file_says_which_version_wrote_it(name: str) -> None:
    [content] = [entry[name] for entry in FILES if name in entry]
    without = {key: value for key, value in content.items() if key != "protocol"}
    model = FILE_MODELS[name].model_validate_json(json.dumps(without))
    assert json.loads(encode(model))["protocol"] == FILE_VERSION
