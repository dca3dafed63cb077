"""YOLO-World's settings and card, without torch."""

from typing import Literal

from pydantic import Field

from inspector_app.protocol.files import ModelCard
from training.models.settings import (
    ADVANCED,
    HIDDEN,
    DrawnConfig,
    answers_setting,
    batch_size_setting,
    form_schema,
    image_size_setting,
    learning_rate_setting,
    named,
    switch,
)

NetworkName = Literal[
    "yolov8s-world",
    "yolov8m-world",
    "yolov8l-world",
    "yolov8x-world",
    "yolov8s-worldv2",
    "yolov8m-worldv2",
    "yolov8l-worldv2",
    "yolov8x-worldv2",
]
"""As published files are called; of each of them ultralytics describes the layers."""

_NETWORKS = {
    "yolov8s-world": "small",
    "yolov8m-world": "medium",
    "yolov8l-world": "large",
    "yolov8x-world": "extra large",
    "yolov8s-worldv2": "small, second version",
    "yolov8m-worldv2": "medium, second version",
    "yolov8l-worldv2": "large, second version",
    "yolov8x-worldv2": "extra large, second version",
}


class YoloWorldConfig(DrawnConfig):
    """Settings of YOLO-World."""

    network: NetworkName = Field(
        default="yolov8s-worldv2",
        title="Network",
        description="Larger ones find more and want a GPU; the second version is quicker.",
        json_schema_extra=named(_NETWORKS),
    )
    answers: Literal["defect", "types"] = answers_setting("types")
    image_size_px: int = image_size_setting(640, most=1280)
    batch_size: int = batch_size_setting(8)
    learning_rate: float = learning_rate_setting(1e-3)
    mosaic: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Share of mosaics",
        description=(
            "How many of the pictures that are learned from are put together from four. "
            "The last tenth of the epochs goes without."
        ),
        json_schema_extra=ADVANCED,
    )
    scale: float = Field(
        default=0.3,
        ge=0.0,
        le=0.9,
        title="Vary sizes by",
        description="Pictures are enlarged and reduced at random by up to this share.",
        json_schema_extra=ADVANCED,
    )
    words: str = Field(
        default="",
        title="Words to look for",
        description=(
            "Separated by commas. Where there are some nothing is trained: the published "
            "network looks for what they name."
        ),
        json_schema_extra=HIDDEN,
    )
    flips: bool = switch("Mirror images at random", "Left to right and upside down.")
    colour_jitter: bool = switch("Vary colours", "Hue, saturation and brightness, at random.")

    @property
    def word_list(self) -> tuple[str, ...]:
        """The words to look for, each once."""
        words = (word.strip() for word in self.words.split(","))
        return tuple(dict.fromkeys(word for word in words if word))


_FIRST = ("network", "answers", "pretrained")
"""Inherited settings would come before them in the form."""

CARD = ModelCard(
    kind="yolo_world",
    title="YOLO-World",
    task="detection",
    summary="Learns from drawn defects to put a box around each, and to name its type.",
    needs="Defective parts with drawn defects, boxes are enough; good parts as well",
    has_samples=True,
    config_schema=form_schema(YoloWorldConfig, _FIRST),
)
