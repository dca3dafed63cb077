"""The U-Net's settings and card, without torch."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from inspector_app.protocol.files import ModelCard
from training.models.settings import (
    ADVANCED,
    DrawnConfig,
    batch_size_setting,
    form_schema,
    image_size_setting,
    learning_rate_setting,
    made_up_setting,
    named,
    switch,
)

EncoderName = Literal["mobilenet_v2", "resnet18", "resnet34", "resnet50"]

_ENCODERS = {
    "mobilenet_v2": "MobileNet V2",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet50": "ResNet-50",
}
_LOSSES = {
    "dice_bce": "Dice and cross-entropy",
    "bce": "cross-entropy",
    "dice": "Dice",
    "focal": "focal",
    "lovasz": "Lovász",
    "tversky": "Tversky",
}
_SCORES = {"peak": "its surest place", "area": "its area of defects"}


class UNetConfig(DrawnConfig):
    """Settings of the U-Net."""

    network: EncoderName = Field(
        default="resnet18",
        title="Network",
        description="MobileNet is quick without a GPU; ResNet 50 wants one.",
        json_schema_extra=named(_ENCODERS),
    )
    loss: Literal["dice_bce", "bce", "dice", "focal", "lovasz", "tversky"] = Field(
        default="dice_bce",
        title="Loss",
        description=(
            "What training makes small. Dice and Lovász look at the overlap of masks, so small "
            "defects count as much as large ones; focal at what is hard; Tversky rather marks "
            "too much than to miss something."
        ),
        json_schema_extra=named(_LOSSES),
    )
    image_size_px: int = image_size_setting(256, most=2048, then=", then looked at in tiles")
    tile_size_px: int = Field(
        default=256,
        # Else only a size that is given would be fitted into the image.
        validate_default=True,
        ge=64,
        le=1024,
        multiple_of=32,
        title="Tile size (px)",
        description=(
            "Side of the parts that are learned from and looked at; larger ones show more of "
            "the surroundings. No larger than the image: then it is looked at whole."
        ),
    )
    batch_size: int = batch_size_setting(4)
    tiles_per_image: int = Field(
        default=2,
        ge=1,
        le=64,
        title="Tiles per image and epoch",
        description="How many parts of each training image are learned from in every epoch.",
        json_schema_extra=ADVANCED,
    )
    background: float = Field(
        default=0.4,
        ge=0.0,
        le=0.95,
        title="Share of good tiles",
        description=(
            "Tiles of good parts among those around defects. More gives fewer false alarms."
        ),
    )
    made_up: float = made_up_setting(
        "Share of the tiles with defects whose defect is made up and put on a good part. "
        "Above 0 training can start before a defect was drawn. Not for types of defect."
    )
    learning_rate: float = learning_rate_setting(1e-3)
    flips: bool = switch(
        "Mirror tiles at random", "Left to right and upside down, together with the masks."
    )
    turns: bool = switch(
        "Turn tiles at random",
        "By quarter turns, together with the masks: for parts that lie in any direction. "
        "Parts that always lie alike are learned much sooner without.",
        on=False,
    )
    colour_jitter: bool = switch(
        "Vary colours", "Brightness, contrast and saturation by up to a fifth."
    )
    judged_by: Literal["peak", "area"] = Field(
        default="peak",
        title="An image is judged by",
        description=(
            "The place that is most surely a defect, or how much of the image is one: then "
            "specks do not matter."
        ),
        json_schema_extra=named(_SCORES),
    )

    @property
    def learns_made_up(self) -> bool:
        return self.made_up > 0.0

    @field_validator("tile_size_px")
    @classmethod
    def _fit_into_image(cls, tile_size_px: int, info: ValidationInfo) -> int:
        return min(tile_size_px, int(info.data.get("image_size_px", tile_size_px)))


_FIRST = ("network", "answers", "pretrained", "loss")
"""Inherited settings would come before them in the form."""

CARD = ModelCard(
    kind="unet",
    title="U-Net",
    task="segmentation",
    summary="Learns from drawn masks which pixels are defects, and of which type.",
    needs="Defective parts with drawn masks; good parts as well, or only these and made-up defects",
    has_samples=True,
    config_schema=form_schema(UNetConfig, _FIRST),
)
