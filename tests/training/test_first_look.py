"""Images that cannot be read, and copies on both sides of a split, before a training."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.opencv import cv2
from tests.training.parts import truncate
from training.context import Cancelled
from training.data.first_look import FirstLook, find_image_doubts, look_at_images

ROLES = ("train", "val", "test")


def write_scene(path: Path, seed: int, *, brighter: int = 0) -> None:
    """Write a photo that no other seed looks like."""
    coarse = np.random.default_rng(seed).integers(0, 200, (9, 9, 3)).astype(np.uint8)
    photo = cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC).astype(int) + brighter
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.clip(photo, 0, 255).astype(np.uint8))


@pytest.fixture
def roles(tmp_path: Path) -> dict[str, list[str]]:
    """Six photos of train, two of val and of test, each of another scene."""
    made: dict[str, list[str]] = {}
    for number, (role, count) in enumerate(zip(ROLES, (6, 2, 2), strict=True)):
        paths = [tmp_path / role / f"{n}.png" for n in range(count)]
        for n, path in enumerate(paths):
            write_scene(path, 10 * number + n)
        made[role] = [str(path) for path in paths]
    return made


def look(roles: dict[str, list[str]], *, limit_s: float = 60.0) -> FirstLook:
    return look_at_images({path for of in roles.values() for path in of}, limit_s=limit_s)


def warnings(roles: dict[str, list[str]]) -> list[str]:
    found = find_image_doubts(look(roles), roles)
    return [finding.text for finding in found if finding.is_warning]


def facts(looked: FirstLook, roles: dict[str, list[str]], *, limit_s: float = 60.0) -> str:
    found = find_image_doubts(looked, roles, limit_s=limit_s)
    return found[-1].text


def test_that_sound_images_are_only_counted(roles: dict[str, list[str]]) -> None:
    assert warnings(roles) == []
    # 6 × 2 + 6 × 2 + 2 × 2
    assert facts(look(roles), roles) == "looked for copies among 10 images, 28 pairs"


def test_that_images_that_cannot_be_read_are_named_with_a_remedy(
    roles: dict[str, list[str]],
) -> None:
    truncate(roles["train"][0])
    Path(roles["train"][1]).unlink()
    [text] = warnings(roles)
    assert text.startswith(
        "2 images cannot be read and will be left out: train/0.png (the PNG ends"
    )
    assert "train/1.png (cannot be read (No such file" in text
    assert text.endswith("copy them again from their source, or remove them from the folder")


def test_that_of_many_only_some_are_named(roles: dict[str, list[str]]) -> None:
    for path in roles["train"]:
        Path(path).write_bytes(b"")
    [text] = warnings(roles)
    assert text.count("the file is empty") == 3
    assert "and 3 more" in text


def test_that_the_same_file_on_both_sides_is_named_once(roles: dict[str, list[str]]) -> None:
    shutil.copy(roles["train"][0], roles["test"][1])
    [text] = warnings(roles)
    assert "the same image" in text
    assert "train/0.png (train) = test/1.png (test)" in text


def test_that_of_many_copies_one_of_each_side_is_named(roles: dict[str, list[str]]) -> None:
    for path in (*roles["train"][1:], roles["val"][1]):
        shutil.copy(roles["train"][0], path)
    [text] = warnings(roles)
    assert text.endswith(": train/0.png (train) = val/1.png (val)")


def test_that_files_that_differ_at_their_start_alone_are_no_copies(tmp_path: Path) -> None:
    roles: dict[str, list[str]] = {}
    for role, level in (("train", 0), ("test", 200)):
        image = np.zeros((120, 160, 3), np.uint8)
        image[-60:] = level
        path = tmp_path / f"{role}.bmp"
        cv2.imwrite(str(path), image)
        roles[role] = [str(path)]
    assert Path(roles["train"][0]).stat().st_size == Path(roles["test"][0]).stat().st_size
    assert warnings(roles) == []


def test_that_another_photo_of_the_same_part_is_named_with_what_to_do(
    roles: dict[str, list[str]],
) -> None:
    write_scene(Path(roles["test"][1]), 0, brighter=10)
    [text] = warnings(roles)
    assert text.startswith("1 of 4 held-out images look like one of another split: ")
    names = text.split(": ")[1].split(". ")[0].split(" ≈ ")
    assert sorted(names) == ["test/1.png (test)", "train/0.png (train)"]
    assert "by lot, in “Divide into splits”" in text


def test_that_alike_images_of_one_split_are_no_doubt(roles: dict[str, list[str]]) -> None:
    write_scene(Path(roles["train"][1]), 0, brighter=10)
    assert warnings(roles) == []


def test_that_it_is_told_what_there_was_no_time_for(roles: dict[str, list[str]]) -> None:
    Path(roles["val"][0]).unlink()
    looked = look(roles, limit_s=0.0)
    assert looked.unreadable == {roles["val"][0]: "not there any more"}
    assert facts(looked, roles).endswith("the time was over before 10 more were read")


def test_that_comparing_ends_when_its_time_is_over(roles: dict[str, list[str]]) -> None:
    text = facts(look(roles), roles, limit_s=-1.0)
    # The first image with all of other roles: of 10 at most 8.
    assert int(text.split(", ")[1].split()[0]) <= 8


def test_that_looking_can_be_ended(roles: dict[str, list[str]]) -> None:
    seen: list[int] = []

    def stop(done: int) -> None:
        seen.append(done)
        raise Cancelled

    with pytest.raises(Cancelled):
        look_at_images(roles["train"], stop)
    assert seen == [1]


def test_that_the_order_is_always_the_same(roles: dict[str, list[str]]) -> None:
    def order(paths: Sequence[str]) -> list[str]:
        return list(look_at_images(paths).pictures)

    assert order(roles["train"]) == order(roles["train"][::-1])
