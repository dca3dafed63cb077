from typing import Any

import pytest

from inspector_app.cli.assignments import parse_assignments
from inspector_app.domain.errors import BadDataError

SCHEMA: dict[str, Any] = {
    "properties": {
        "epochs": {"type": "integer", "minimum": 1, "maximum": 2000},
        "size_px": {"type": "integer", "multipleOf": 32},
        "rate": {"type": "number", "exclusiveMinimum": 0},
        "augment": {"type": "boolean"},
        "name": {"type": "string"},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "loss": {"$ref": "#/$defs/Loss"},
        "sizes": {"type": "array"},
    },
    "$defs": {"Loss": {"enum": ["l2", "ssim"]}},
}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("epochs=3", 3),
        ("rate=1e-3", 0.001),
        ("augment=no", False),
        ("augment=True", True),
        ("name=a=b", "a=b"),
        ("limit=none", None),
        ("limit=4", 4),
        ("loss=ssim", "ssim"),
        ("size_px=96", 96),
        ("sizes=[1, 2]", [1, 2]),
    ],
)
def test_that_a_setting_gets_its_type(word: str, value: object) -> None:
    key = word.partition("=")[0]
    assert parse_assignments([word], SCHEMA) == {key: value}


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("epochs", "no value"),
        ("epoch=3", "valid keys: epochs, size_px"),
        ("epochs=0", "integer ≥ 1 ≤ 2000"),
        ("epochs=1.5", "integer"),
        ("size_px=100", "a multiple of 32"),
        ("rate=0", "number > 0"),
        ("rate=nan", "number > 0"),
        ("augment=maybe", "boolean"),
        ("limit=x", "integer or null"),
        ("loss=l1", "l2 | ssim"),
        ("sizes=[1,", "array"),
    ],
)
def test_that_a_bad_setting_is_told_what_is_accepted(word: str, complaint: str) -> None:
    with pytest.raises(BadDataError) as caught:
        parse_assignments([word], SCHEMA)
    assert complaint in str(caught.value)
