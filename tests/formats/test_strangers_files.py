"""Whatever is wrong with a stranger's file: it is refused or read, and never a crash."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelled_images import CLASSES, RING, drawn, labelled, region, sizes_of

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.registry import EXPORTERS, IMPORTERS

KEYS = ("x", "y", "width", "height", "rotation", "points", "rle", "radiusX", "radiusY", "format")
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = st.recursive(ODD, lambda inner: st.lists(inner, max_size=4), max_leaves=6)
ODD_TEXTS = ("", "-1", "0", "1e400", "nan", "9" * 400, "0,5", "1,1;2", "\u0663", "true", "1.5")


def read(name: str, path: Path) -> None:
    """Import the file into a project whose only image is a.png of 12×9 px."""
    try:
        plan = IMPORTERS[name](path, sizes_of("a.png"))
    except BadDataError:
        return
    for image in plan.images:
        for found in image.regions:
            assert found.box.clipped(12, 9) == found.box
            assert found.mask is None or (found.mask.width, found.mask.height) == (12, 9)


@pytest.mark.parametrize(
    "kind", ["rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels"]
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(KEYS), VALUES),
    st.dictionaries(st.sampled_from(("original_width", "image_rotation", "item_index")), VALUES),
)
def test_that_no_result_of_label_studio_is_a_crash(
    tmp_path: Path, kind: str, value: dict[str, Any], fields: dict[str, Any]
) -> None:
    result = {"type": kind, "value": {**value, kind: ["dent"]}, **fields}
    task = {"annotations": [{"result": [result]}], "data": {"image": "a.png"}}
    (tmp_path / "a.json").write_text(json.dumps([task]))
    read("label-studio", tmp_path / "a.json")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(("category", "segmentation", "group", "layer")), VALUES))
def test_that_no_object_of_isat_is_a_crash(tmp_path: Path, fields: dict[str, Any]) -> None:
    sound = {"category": "dent", "segmentation": [[1, 1], [5, 1], [5, 5]], "layer": 1.0}
    content = {"info": {"name": "a.png"}, "objects": [{**sound, **fields}, sound]}
    (tmp_path / "a.json").write_text(json.dumps(content))
    read("isat", tmp_path / "a.json")


@pytest.mark.parametrize("name", ["cvat", "voc"])
def test_that_no_odd_text_in_an_xml_file_is_a_crash(tmp_path: Path, name: str) -> None:
    photo = labelled(tmp_path / "in", "a.png", region(drawn(*RING)), region(Box(1, 1, 4, 4)))
    EXPORTERS[name]([photo], CLASSES, tmp_path / "out")
    (path,) = (tmp_path / "out").rglob("*.xml")
    text = path.read_text(encoding="utf-8")
    for place, end in _numbers(text):
        for odd in ODD_TEXTS:
            path.write_text(text[:place] + odd + text[end:], encoding="utf-8")
            read(name, path)


def _numbers(text: str) -> list[tuple[int, int]]:
    """Return where the attribute values and the texts between tags stand that hold digits."""
    found: list[tuple[int, int]] = []
    for opening, closing in (('="', '"'), (">", "<")):
        place = text.find(opening)
        while place >= 0:
            start = place + len(opening)
            end = text.find(closing, start)
            if any(character.isdigit() for character in text[start:end]):
                found.append((start, end))
            place = text.find(opening, start)
    return found


@pytest.mark.parametrize("name", ["cvat", "voc"])
@pytest.mark.parametrize("make", [lambda n: "<a>" * n, lambda n: "<a>" * n + "</a>" * n])
def test_that_deep_nesting_is_no_crash(
    tmp_path: Path, name: str, make: Callable[[int], str]
) -> None:
    (tmp_path / "a.xml").write_text(f"<annotations>{make(200_000)}</annotations>")
    read(name, tmp_path / "a.xml")
