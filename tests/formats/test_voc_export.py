"""Pascal VOC written: boxes there and back, lists of the splits."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import CLASSES, RING, as_imported, drawn, labelled, region, regions_in
from strategies import regions

from inspector_app.domain.annotation import Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.naming import ImageMatcher
from inspector_app.formats.voc import import_voc
from inspector_app.formats.voc_writing import export_voc


@settings(max_examples=40)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_every_box_and_flag_comes_back(some: list[Region]) -> None:
    matcher = ImageMatcher(["ä b/a&.png"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_voc([labelled(folder / "in", "ä b/a&.png", *some)], CLASSES, folder / "out")
        plan = import_voc(folder / "out", lambda name: (12, 9) if matcher.match(name) else None)
    boxes_only = [replace(one, mask=None) for one in some]
    assert regions_in(plan) == as_imported(boxes_only)


def test_that_a_box_is_counted_from_1_and_includes_its_last_pixel(tmp_path: Path) -> None:
    photo = labelled(tmp_path / "in", "a.png", region(Box(0, 2, 12, 9)))
    export_voc([photo], CLASSES, tmp_path / "out")
    box = ElementTree.parse(tmp_path / "out/Annotations/a.xml").find("object/bndbox")
    assert [edge.text for edge in box] == ["1", "3", "12", "9"]


def test_that_a_region_to_be_ignored_is_difficult(tmp_path: Path) -> None:
    ignored = replace(region(Box(0, 2, 12, 9)), is_ignored=True)
    photo = labelled(tmp_path / "in", "a.png", ignored, region(Box(0, 0, 1, 1)))
    export_voc([photo], CLASSES, tmp_path / "out")
    root = ElementTree.parse(tmp_path / "out/Annotations/a.xml")
    assert [entry.text for entry in root.iterfind("object/difficult")] == ["1", "0"]


def test_that_every_image_is_copied_and_in_the_list_of_its_split(tmp_path: Path) -> None:
    images = [
        labelled(tmp_path / "in", "one/a.png", split=Split.TRAIN),
        labelled(tmp_path / "in", "two/a.png", split=Split.TEST),
        labelled(tmp_path / "in", "b.jpg", split=Split.NONE),
    ]
    report = export_voc(images, CLASSES, tmp_path / "out")
    lists = {p.name: p.read_text().split() for p in (tmp_path / "out/ImageSets/Main").iterdir()}
    assert lists == {"train.txt": ["one__a", "b"], "val.txt": [], "test.txt": ["two__a"]}
    copied = sorted(path.name for path in (tmp_path / "out/JPEGImages").iterdir())
    assert copied == ["b.jpg", "one__a.png", "two__a.png"]
    assert (report.image_count, report.region_count) == (3, 0)


def test_that_masks_that_become_boxes_are_counted(tmp_path: Path) -> None:
    photo = labelled(tmp_path / "in", "a.png", region(drawn(*RING)), region(Box(0, 0, 1, 1)))
    report = export_voc([photo], CLASSES, tmp_path / "out")
    assert report.remarks == ("masks, of which this format holds only the boxes: 1",)


def test_that_an_image_that_does_not_tell_its_channels_has_no_depth(tmp_path: Path) -> None:
    photo = labelled(tmp_path / "in")
    photo.image_path.write_bytes(b"no image")
    export_voc([photo], CLASSES, tmp_path / "out")
    root = ElementTree.parse(tmp_path / "out/Annotations/a.xml")
    assert [entry.tag for entry in root.find("size")] == ["width", "height"]


def test_that_a_data_set_without_images_is_empty_lists(tmp_path: Path) -> None:
    assert export_voc([], CLASSES, tmp_path / "out").image_count == 0
    assert (tmp_path / "out/ImageSets/Main/train.txt").read_text() == ""


def test_that_a_name_that_xml_cannot_hold_is_refused(tmp_path: Path) -> None:
    photo = replace(labelled(tmp_path / "in"), relative_path="a\x01.png")
    with pytest.raises(BadDataError, match="XML cannot hold"):
        export_voc([photo], CLASSES, tmp_path / "out")
