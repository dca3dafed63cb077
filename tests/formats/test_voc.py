"""Pascal VOC: boxes from strangers' XML files."""

from pathlib import Path

import pytest
from labelled_images import HEIGHT, WIDTH, regions_in, sizes_of

from inspector_app.domain.errors import BadDataError
from inspector_app.domain.geometry import Box
from inspector_app.formats.base import ImportedRegion, ImportPlan
from inspector_app.formats.voc import import_voc

SIZE = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>"


def thing(name: str = "scratch", *, edges: tuple[object, ...] = (2, 3, 4, 5)) -> str:
    left, top, right, bottom = edges
    return (
        f"<object><name>{name}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin>"
        f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
    )


def annotation(*parts: str, filename: str = "a.png", folder: str = "") -> str:
    return (
        f"<annotation><folder>{folder}</folder><filename>{filename}</filename>"
        f"{''.join(parts)}</annotation>"
    )


def read(folder: Path, text: str, *images: str) -> ImportPlan:
    (folder / "label.xml").write_text(text, encoding="utf-8")
    return import_voc(folder / "label.xml", sizes_of(*(images or ("a.png",))))


def test_that_pixels_are_counted_from_1_and_the_last_one_belongs(tmp_path: Path) -> None:
    plan = read(tmp_path, annotation(SIZE, thing(edges=(1, 1, WIDTH, HEIGHT)), thing()))
    assert regions_in(plan) == [
        ImportedRegion("scratch", Box(0, 0, WIDTH, HEIGHT), None),
        ImportedRegion("scratch", Box(1, 2, 4, 5), None),
    ]


def test_that_a_box_of_one_pixel_has_one(tmp_path: Path) -> None:
    plan = read(tmp_path, annotation(thing(edges=(3, 3, 3, 3))))
    assert regions_in(plan)[0].box == Box(2, 2, 3, 3)


def test_that_every_file_below_a_folder_is_read(tmp_path: Path) -> None:
    for number, place in enumerate(("a.xml", "Annotations/b.XML")):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        text = annotation(thing(f"class {number}"), filename=f"{number}.png")
        (tmp_path / place).write_text(text)
    plan = import_voc(tmp_path, sizes_of("0.png", "1.png"))
    assert sorted(plan.class_names) == ["class 0", "class 1"]
    assert plan.source == tmp_path.name


@pytest.mark.parametrize(
    ("filename", "folder", "image"),
    [
        ("a.png", "cr", "cr/a.png"),
        ("..\\..\\a.png", "", "a.png"),
        ("C:\\x\\a.png", "cr", "cr/x/a.png"),
        ("stale.png", "", "label"),
        ("", "cr", "label"),
    ],
)
def test_that_the_image_is_found_by_what_the_file_says_or_its_own_name(
    tmp_path: Path, filename: str, folder: str, image: str
) -> None:
    plan = read(tmp_path, annotation(thing(), filename=filename, folder=folder), image)
    assert [found.image_name for found in plan.images] == [image]


def test_that_an_image_that_is_not_in_the_project_is_a_problem(tmp_path: Path) -> None:
    plan = read(tmp_path, annotation(thing(), filename="b.png"))
    assert plan.problems == ("label.xml: no single image of the project is 'b.png'",)


def test_that_an_image_of_another_size_is_left_out(tmp_path: Path) -> None:
    size = "<size><width>640</width><height>480</height></size>"
    plan = read(tmp_path, annotation(size, thing()))
    assert plan.images == ()
    assert "640×480 px here but 12×9 px" in plan.problems[0]


@pytest.mark.parametrize("width", ["", "0", "-5", "12.5", "x", "9" * 5000, "²"])
def test_that_a_size_that_is_none_is_not_compared(tmp_path: Path, width: str) -> None:
    size = f"<size><width>{width}</width><height>{HEIGHT}</height></size>"
    assert len(regions_in(read(tmp_path, annotation(size, thing())))) == 1


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("<object/>", "a class without a name"),
        ("<object><name>x</name></object>", "no bndbox/xmin"),
        (thing(edges=("x", 1, 2, 2)), "'x' is no number"),
        (thing(edges=("nan", 1, 2, 2)), "not a number"),
        (thing(edges=(1, "1e999", 2, 2)), "not a number"),
        (thing(edges=(5, 5, 2, 2)), "no area"),
        (thing(edges=(500, 5, 600, 7)), "outside"),
        (thing("x" * 300), "300 characters"),
    ],
)
def test_that_a_bad_object_is_a_problem_of_its_own(tmp_path: Path, bad: str, problem: str) -> None:
    plan = read(tmp_path, annotation(bad, thing()))
    assert len(regions_in(plan)) == 1
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("label.xml: object[0]: ")
    assert problem in plan.problems[0]


def test_that_an_image_without_a_usable_object_is_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, annotation("<object/>")).images == ()


LAUGHS = """<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<annotation><filename>&c;</filename></annotation>"""
OUTSIDE = """<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<annotation><filename>&a;</filename></annotation>"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no element found"),
        ("<annotation>", "no element found"),
        ("no xml", "syntax error"),
        ("<annotations/>", "'annotations'"),
        (LAUGHS, "entities"),
        (OUTSIDE, "entities"),
        ('<?xml version="1.0" encoding="shift-9"?><annotation/>', "encoding"),
    ],
)
def test_that_a_file_that_is_no_voc_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadDataError, match=problem):
        read(tmp_path, text)


def test_that_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text(LAUGHS)
    (tmp_path / "good.xml").write_text(annotation(thing()))
    plan = import_voc(tmp_path, sizes_of("a.png"))
    assert len(regions_in(plan)) == 1
    assert plan.problems == ("bad.xml: not a VOC file (it declares entities)",)


def test_that_a_folder_of_bad_files_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text("bad")
    with pytest.raises(BadDataError, match="not a VOC file"):
        import_voc(tmp_path, sizes_of("a.png"))


def test_that_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no XML files"):
        import_voc(tmp_path, sizes_of())


def test_that_a_deeply_nested_file_is_survived(tmp_path: Path) -> None:
    depth = 50_000
    nested = annotation("<x>" * depth + "</x>" * depth, thing())
    assert len(regions_in(read(tmp_path, nested))) == 1


def test_that_difficult_objects_of_others_stay_defects(tmp_path: Path) -> None:
    difficult = thing().replace("</name>", "</name><difficult>1</difficult>")
    plan = read(tmp_path, annotation(difficult))
    assert [found.is_ignored for found in regions_in(plan)] == [False]
