"""CVAT: every pixel there and back, and shapes from strangers' files."""

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_images import (
    CLASSES,
    HEIGHT,
    RING,
    WIDTH,
    as_imported,
    drawn,
    labelled,
    region,
    regions_in,
    sizes_of,
)
from strategies import regions

from inspector_app.domain.annotation import Author, DefectClass, Region
from inspector_app.domain.dataset import Split
from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.cvat import import_cvat
from inspector_app.formats.cvat_writing import export_cvat

SQUARE = "1,1;5,1;5,4;1,4"
BOX = {"xtl": "1.00", "ytl": "2.00", "xbr": "5.00", "ybr": "7.00"}
LABELS = "<meta><task><labels><label><name>dent</name></label></labels></task></meta>"


def shape(tag: str, inside: str = "", /, **attributes: object) -> str:
    spelled = {"label": "scratch", **attributes}
    text = " ".join(f"{name}={quoteattr(str(value))}" for name, value in spelled.items())
    return f"<{tag} {text}>{inside}</{tag}>"


def image(*shapes: str, name: str = "a.png", width: int = WIDTH, subset: str = "") -> str:
    size = f'width="{width}" height="{HEIGHT}"'
    return f'<image name="{name}" subset="{subset}" {size}>{"".join(shapes)}</image>'


def read(folder: Path, *entries: str, known: tuple[str, ...] = ("a.png",)) -> ImportPlan:
    path = folder / "labels.xml"
    path.write_text(f"<annotations>{''.join(entries)}</annotations>", encoding="utf-8")
    return import_cvat(path, sizes_of(*known))


@settings(max_examples=40)
@given(st.lists(regions("r"), min_size=1, max_size=5))
def test_that_every_pixel_box_and_place_in_the_order_comes_back(some: list[Region]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = labelled(folder / "in", "ä b/a&<.png", *some)
        export_cvat([photo], CLASSES, folder / "out")
        plan = import_cvat(folder / "out", sizes_of("ä b/a&<.png"))
    assert regions_in(plan) == as_imported(some)
    assert plan.class_names == tuple(defect_class.name for defect_class in CLASSES)


def test_that_images_without_regions_are_listed(tmp_path: Path) -> None:
    photo = labelled(tmp_path / "in", split=Split.VALIDATION)
    report = export_cvat([photo], CLASSES, tmp_path / "out")
    text = (tmp_path / "out/annotations.xml").read_text()
    assert (report.image_count, report.region_count) == (1, 0)
    assert '<image id="0" name="a.png" subset="val" width="12" height="9"/>' in text


def test_that_an_export_says_colours_and_where_a_region_came_from(tmp_path: Path) -> None:
    clicked = replace(region(drawn(*RING)), author=Author.CLICK_MODEL)
    export_cvat([labelled(tmp_path / "in", "a.png", clicked)], CLASSES, tmp_path / "out")
    text = (tmp_path / "out/annotations.xml").read_text(encoding="utf-8")
    assert "<color>#e69f00</color>" in text
    assert 'source="semi-auto"' in text


def test_that_run_lengths_go_row_by_row_and_start_with_unset_pixels(tmp_path: Path) -> None:
    mask = drawn("...", ".#.#", "..##")
    export_cvat([labelled(tmp_path / "in", "a.png", region(mask))], CLASSES, tmp_path / "out")
    text = (tmp_path / "out/annotations.xml").read_text()
    assert 'rle="0, 1, 1, 1, 1, 2" left="1" top="1" width="3" height="2"' in text


@pytest.mark.parametrize("bad", ["a\x01.png", "a\n.png", "\ud800.png"])
def test_that_a_name_that_xml_cannot_hold_is_refused(tmp_path: Path, bad: str) -> None:
    photo = replace(labelled(tmp_path / "in"), relative_path=bad)
    with pytest.raises(BadDataError, match="XML cannot hold"):
        export_cvat([photo], CLASSES, tmp_path / "out")
    classes = [DefectClass(1, f"x{bad}", "#000000")]
    with pytest.raises(BadDataError, match="XML cannot hold"):
        export_cvat([labelled(tmp_path / "in2")], classes, tmp_path / "out")


def test_that_a_box_becomes_a_box(tmp_path: Path) -> None:
    plan = read(tmp_path, image(shape("box", **BOX, rotation="0.0")))
    assert regions_in(plan) == [ImportedRegion("scratch", Box(1, 2, 5, 7), None)]


def test_that_a_turned_box_becomes_its_pixels(tmp_path: Path) -> None:
    (found,) = regions_in(read(tmp_path, image(shape("box", **BOX, rotation="90"))))
    # 4×5 px around (3, 4.5), turned by a quarter: x from 0.5 to 5.5, y from 2.5 to 6.5.
    assert found.mask is not None
    assert found.mask.area == pytest.approx(20, abs=5)
    assert found.box.width > found.box.height


def test_that_boxes_turn_clockwise(tmp_path: Path) -> None:
    long = {"xtl": 2, "ytl": 4, "xbr": 10, "ybr": 5}
    (found,) = regions_in(read(tmp_path, image(shape("box", **long, rotation="45"))))
    assert found.mask is not None
    array = found.mask.to_array()
    assert (bool(array[6, 8]), bool(array[2, 8])) == (True, False)


def test_that_a_polygon_becomes_its_pixels(tmp_path: Path) -> None:
    (found,) = regions_in(read(tmp_path, image(shape("polygon", points=SQUARE))))
    assert found.mask is not None
    assert (found.box, found.mask.area) == (Box(1, 1, 5, 4), 12)


def test_that_an_ellipse_is_round_and_can_be_turned(tmp_path: Path) -> None:
    place = {"cx": 6, "cy": 4.5, "rx": 4, "ry": 2}
    flat, upright = regions_in(
        read(tmp_path, image(shape("ellipse", **place), shape("ellipse", **place, rotation=90)))
    )
    assert flat.mask is not None
    assert flat.mask.area == pytest.approx(np.pi * 8, abs=6)
    assert flat.box.width > flat.box.height
    assert upright.box.width < upright.box.height


def test_that_a_mask_is_read_row_by_row(tmp_path: Path) -> None:
    entry = shape("mask", rle="0, 1, 1, 1, 1, 2", left=1, top=1, width=3, height=2)
    (found,) = regions_in(read(tmp_path, image(entry)))
    assert found.mask == drawn("...", ".#.#", "..##")


def test_that_what_lies_on_top_comes_last(tmp_path: Path) -> None:
    top = shape("box", **BOX, label="top", z_order=1)
    bottom = shape("box", **BOX, label="bottom", z_order=-1)
    plan = read(tmp_path, image(top, shape("box", **BOX), bottom))
    assert [found.class_name for found in regions_in(plan)] == ["bottom", "scratch", "top"]


def test_that_a_region_to_be_ignored_says_so(tmp_path: Path) -> None:
    tick = '<attribute name="ignore">true</attribute>'
    plan = read(tmp_path, image(shape("box", tick, **BOX)))
    assert [found.is_ignored for found in regions_in(plan)] == [True]
    assert plan.problems == ()


def test_that_other_attributes_are_named_once(tmp_path: Path) -> None:
    attribute = '<attribute name="depth">3</attribute>'
    plan = read(tmp_path, image(*[shape("box", attribute, **BOX)] * 2))
    assert plan.problems == ("labels.xml: attributes that are not taken over: depth",)


def test_that_classes_without_regions_come_too_but_no_parts_of_skeletons(tmp_path: Path) -> None:
    part = "<label><name>knee</name><parent>leg</parent></label>"
    blank = "<label><name> </name></label>"
    labels = LABELS.replace("</labels>", f"{part}{blank}</labels>")
    plan = read(tmp_path, labels, image(shape("box", **BOX)))
    assert plan.class_names == ("dent", "scratch")
    assert plan.problems == ("labels.xml: labels[2]: a class without a name",)


def test_that_the_subset_is_the_folder_of_images_that_share_a_name(tmp_path: Path) -> None:
    entries = [image(shape("box", **BOX), subset=subset) for subset in ("one", "two")]
    plan = read(tmp_path, *entries, known=("one/a.png", "two/a.png"))
    assert [found.image_name for found in plan.images] == ["one/a.png", "two/a.png"]


def test_that_tracks_are_left_out_and_counted(tmp_path: Path) -> None:
    plan = read(tmp_path, shape("track", shape("box", **BOX)), image(shape("box", **BOX)))
    assert len(regions_in(plan)) == 1
    assert plan.problems == (
        "labels.xml: tracks of a video that are left out: 1; export the task as “CVAT for images”",
    )


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (shape("polyline", points=SQUARE), "polyline[0]: it has no area"),
        (shape("points", points="1,1"), "no area"),
        (shape("cuboid"), "no area"),
        (shape("skeleton", shape("points", points="1,1")), "no area"),
        (shape("tag"), "no area"),
        (shape("box", label=" ", **BOX), "without a name"),
        (shape("box"), "no xtl"),
        (shape("box", **{**BOX, "xbr": "1"}), "no area"),
        (shape("box", **{**BOX, "xbr": "inf"}), "not a number"),
        (shape("box", **{**BOX, "xbr": "nan"}, rotation=3), "not a number"),
        (shape("polygon"), "not two numbers"),
        (shape("polygon", points="1,1;2;3,3"), "not two numbers"),
        (shape("polygon", points="1,1;2,2"), "three x, y pairs"),
        (shape("polygon", points="50,50;60,50;60,60"), "no pixel"),
        (shape("ellipse", cx=1, cy=1, rx=1), "no ry"),
        (shape("mask", rle="4", left=0, top=0, width=2), "no height"),
        (shape("mask", rle="4", left=0.5, top=0, width=2, height=2), "no whole number"),
        (shape("mask", rle="4", left="inf", top=0, width=2, height=2), "no whole number"),
        (shape("mask", rle="0,4", left=11, top=0, width=2, height=2), "outside"),
        (shape("mask", rle="0,3", left=0, top=0, width=2, height=2), "do not fill 2×2"),
        (shape("mask", rle="5,-1", left=0, top=0, width=2, height=2), "do not fill 2×2"),
        (shape("mask", rle="4", left=0, top=0, width=2, height=2), "no pixel"),
        (shape("mask", rle="four", left=0, top=0, width=2, height=2), "invalid literal"),
    ],
)
def test_that_a_bad_shape_is_named_and_the_others_are_taken(
    tmp_path: Path, bad: str, why: str
) -> None:
    plan = read(tmp_path, image(bad, shape("polygon", points=SQUARE)))
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("labels.xml: a.png: ")
    assert why in plan.problems[0]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (image(shape("box", **BOX), name="../../etc/passwd"), "project is 'etc/passwd'"),
        (image(shape("box", **BOX), width=99), "99×9 px here but 12×9 px in the project"),
    ],
)
def test_that_an_image_that_does_not_fit_is_named(tmp_path: Path, entry: str, why: str) -> None:
    plan = read(tmp_path, entry, image(shape("box", **BOX)))
    assert len(plan.images) == 1
    assert why in plan.problems[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no element"),
        ("<annotations><image", "not a CVAT file"),
        ("<annotation><filename>a</filename></annotation>", "not a CVAT file .'annotation'."),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "it declares entities"),
        ('<?xml version="1.0" encoding="none"?><annotations/>', "not a CVAT file"),
    ],
)
def test_that_another_file_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(BadDataError, match=why):
        import_cvat(tmp_path / "a.xml", sizes_of())


def test_that_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("annotations.xml", "<annotations/>")
    with pytest.raises(BadDataError, match="an archive"):
        import_cvat(tmp_path / "a.zip", sizes_of())


def test_that_a_folder_with_one_file_is_read_and_one_with_several_refused(tmp_path: Path) -> None:
    read(tmp_path, image(shape("box", **BOX)))
    assert len(regions_in(import_cvat(tmp_path, sizes_of("a.png")))) == 1
    (tmp_path / "b.xml").write_text("<annotations/>")
    with pytest.raises(BadDataError, match="2 XML files"):
        import_cvat(tmp_path, sizes_of("a.png"))
