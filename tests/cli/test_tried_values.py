"""`--try` words become the values that a sweep tries, or are refused with the remedy."""

from typing import Any

import pytest

from inspector_app.cli.tried_values import tried_settings
from inspector_app.domain.errors import BadDataError

SCHEMA: dict[str, Any] = {
    "properties": {
        "image_size_px": {"type": "integer", "minimum": 32, "maximum": 512, "multipleOf": 32},
        "epochs": {"type": "integer", "minimum": 1},
        "rate": {"anyOf": [{"type": "number", "minimum": 1e-6, "maximum": 0.1}, {"type": "null"}]},
        "loss": {"enum": ["dice", "focal"]},
        "flips": {"type": "boolean"},
    }
}


def tried(*words: str, draw_count: int = 0) -> list[dict[str, Any]]:
    return tried_settings(words, SCHEMA, draw_count=draw_count, seed=0)


def test_that_named_values_are_combined() -> None:
    assert tried("loss=dice,focal", "flips=yes,no") == [
        {"loss": "dice", "flips": True},
        {"loss": "dice", "flips": False},
        {"loss": "focal", "flips": True},
        {"loss": "focal", "flips": False},
    ]


def test_that_ranges_are_drawn_from() -> None:
    drawn = tried("rate=1e-5..1e-2", "image_size_px=64..256", draw_count=8)
    assert len(drawn) == 8
    assert all(1e-5 <= each["rate"] <= 1e-2 for each in drawn)
    assert {each["image_size_px"] % 32 for each in drawn} == {0}


def test_that_whole_numbers_stay_whole() -> None:
    assert all(isinstance(each["epochs"], int) for each in tried("epochs=1..9", draw_count=5))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "tries nothing"),
        (("rate=1e-5..1e-2",), "has no end of values"),
        (("rate=1e-2..1e-5",), "ends before it begins"),
        (("flips=no..yes",), "not a range of numbers"),
        (("colour=red",), "no such setting"),
        (("loss=dice,huber",), "not accepted"),
        (("epochs=" + ",".join(map(str, range(1, 2000))),), "1999 combinations"),
    ],
)
def test_that_what_cannot_be_tried_is_refused(words: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(BadDataError, match=complaint):
        tried(*words)
