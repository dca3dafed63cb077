"""What there is to learn from, by task, and when that is not enough."""

from inspector_app.domain.annotation import ImageVerdict
from inspector_app.domain.dataset import ImageRecord, Split
from inspector_app.ui.training_data import count_training_data


def image(number: int, split: Split, kind: str, verdict: ImageVerdict | None = None) -> ImageRecord:
    return ImageRecord(number, f"{number}.png", split, kind, verdict)


def test_that_held_out_images_are_counted_apart() -> None:
    data = count_training_data([image(n, Split.TRAIN, "good") for n in range(14)])["anomaly"]
    assert data.sentence.startswith("12 images of good parts to learn from, 2 more")


def test_that_a_train_split_without_good_images_is_refused() -> None:
    assert count_training_data([image(1, Split.TRAIN, "scratch")])["anomaly"].refusal


def test_that_images_nobody_has_judged_are_taken_as_good() -> None:
    data = count_training_data([image(n, Split.NONE, "") for n in range(20)])["anomaly"]
    assert not data.refusal
    assert "Nothing is known" in data.sentence


def test_that_a_plain_folder_of_defects_is_refused() -> None:
    assert count_training_data([image(1, Split.NONE, "", ImageVerdict.NG)])["anomaly"].refusal


def test_that_a_classifier_needs_two_types() -> None:
    good = [image(n, Split.TRAIN, "good") for n in range(3)]
    assert count_training_data(good)["classification"].refusal
    data = count_training_data([*good, image(9, Split.TEST, "scratch")])["classification"]
    assert data.sentence == "4 images of 2 types; the rarest, scratch, has 1."
    assert not data.refusal


def test_that_marking_pixels_can_begin_with_good_parts_and_made_up_defects() -> None:
    records = [image(number, Split.TRAIN, "good", ImageVerdict.OK) for number in range(3)]
    data = count_training_data(records)["segmentation"]
    assert (data.refusal, "Made-up defects" in data.sentence) == ("", True)
    assert count_training_data(records[:2])["segmentation"].refusal


def test_that_drawn_defects_count_by_their_class() -> None:
    drawn = ImageRecord(1, "1.png", Split.NONE, "", region_count=1, class_ids=frozenset({4}))
    unknown = ImageRecord(2, "2.png", Split.NONE, "")
    passed = ImageRecord(3, "3.png", Split.NONE, "", ImageVerdict.OK)
    data = count_training_data([drawn, unknown, passed])["classification"]
    assert data.sentence.startswith("2 images of 2 types")


def test_that_a_model_of_masks_needs_a_drawn_defect() -> None:
    records = [image(1, Split.TRAIN, "good"), image(2, Split.TEST, "scratch")]
    assert count_training_data(records)["segmentation"].refusal


def test_that_the_sentence_counts_drawn_and_undrawn_defects() -> None:
    drawn = image(1, Split.TEST, "scratch")._replace(region_count=1)
    records = [drawn, image(2, Split.TRAIN, "good"), image(3, Split.TEST, "scratch")]
    data = count_training_data(records)["segmentation"]
    assert data.sentence.startswith("1 image with drawn defects and 1 image of good parts.")
    assert "1 image of defective parts without" in data.sentence


def test_that_a_detector_needs_drawn_defects_whatever_can_be_made_up() -> None:
    good = [image(number, Split.TRAIN, "good", ImageVerdict.OK) for number in range(5)]
    assert count_training_data(good)["detection"].refusal
    drawn = image(9, Split.TEST, "scratch")._replace(region_count=1)
    data = count_training_data([*good, drawn])["detection"]
    assert data.sentence == "1 image with drawn defects and 5 images of good parts."
