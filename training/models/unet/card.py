"""The U-Net's settings and card, without torch."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from inspector_app.protocol.files import ModelCard
from training.models.base import TrainingConfig

EncoderName = Literal["mobilenet_v2", "resnet18", "resnet34", "resnet50"]

_ADVANCED: dict[str, Any] = {"x-advanced": True}
_ENCODERS = {
    "mobilenet_v2": "MobileNet V2",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet50": "ResNet-50",
}
_ANSWERS = {"defect": "defect and background", "types": "types of defect"}
_LOSSES = {
    "dice_bce": "Dice and cross-entropy",
    "bce": "cross-entropy",
    "dice": "Dice",
    "focal": "focal",
    "lovasz": "Lovász",
    "tversky": "Tversky",
}
_SCORES = {"peak": "its surest place", "area": "its area of defects"}


def _named(names: dict[str, str]) -> dict[str, Any]:
    """Return the part of a schema that names choices for people."""
    return {"x-choices": names}


class UNetConfig(TrainingConfig):
    """Settings of the U-Net."""

    network: EncoderName = Field(
        default="resnet18",
        title="Network",
        description="MobileNet is quick without a GPU; ResNet 50 wants one.",
        json_schema_extra=_named(_ENCODERS),
    )
    answers: Literal["defect", "types"] = Field(
        default="defect",
        title="Tell apart",
        description="Defects from the background only, or every type of defect as well.",
        json_schema_extra=_named(_ANSWERS),
    )
    pretrained: bool = Field(
        default=True,
        title="Start from published weights",
        description=(
            "Weights learnt on millions of photos, if they are among the imported ones; "
            "otherwise the network learns from scratch, and the result says so."
        ),
    )
    loss: Literal["dice_bce", "bce", "dice", "focal", "lovasz", "tversky"] = Field(
        default="dice_bce",
        title="Loss",
        description=(
            "What training makes small. Dice and Lovász look at the overlap of masks, so small "
            "defects count as much as large ones; focal at what is hard; Tversky rather marks "
            "too much than to miss something."
        ),
        json_schema_extra=_named(_LOSSES),
    )
    epochs: int = Field(
        default=40,
        ge=1,
        le=2000,
        title="Epochs",
        description="How often training goes through all images. More takes longer.",
    )
    image_size_px: int = Field(
        default=256,
        ge=64,
        le=2048,
        multiple_of=32,
        title="Image size (px)",
        description=(
            "Images are reduced to this square size, then looked at in tiles. Larger finds "
            "smaller defects; twice the size takes four times as long."
        ),
    )
    tile_size_px: int = Field(
        default=128,
        ge=64,
        le=1024,
        multiple_of=32,
        title="Tile size (px)",
        description=(
            "Side of the parts that are learned from and looked at; larger ones show more of "
            "the surroundings. No larger than the image."
        ),
    )
    tiles_per_image: int = Field(
        default=4,
        ge=1,
        le=64,
        title="Tiles per image and epoch",
        description="How many parts of each training image are learned from in every epoch.",
        json_schema_extra=_ADVANCED,
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
    learning_rate: float = Field(
        default=1e-3,
        ge=1e-6,
        le=0.1,
        title="Learning rate",
        description="Size of a training step. Lower it when training fails with invalid numbers.",
    )
    flips: bool = Field(
        default=True,
        title="Mirror and turn tiles at random",
        description="Left to right, upside down and by quarter turns, together with the masks.",
    )
    colour_jitter: bool = Field(
        default=True,
        title="Vary colours",
        description="Brightness, contrast and saturation by up to a fifth.",
    )
    judged_by: Literal["peak", "area"] = Field(
        default="peak",
        title="An image is judged by",
        description=(
            "The place that is most surely a defect, or how much of the image is one: then "
            "specks do not matter."
        ),
        json_schema_extra=_named(_SCORES),
    )
    patience: int = Field(
        default=20,
        ge=1,
        le=2000,
        title="Stop after epochs without progress",
        description="Training ends early when held-out images have not improved for so long.",
    )
    split: Literal["stratified", "as_marked"] = Field(
        default="stratified",
        title="Split",
        description=(
            "Stratified gives every type its share of training, validation and test images; "
            "as marked takes the project's splits."
        ),
        json_schema_extra=_named({"stratified": "stratified", "as_marked": "as marked"}),
    )
    split_seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed of the split",
        description="Another number shares the images out in another way.",
        json_schema_extra=_ADVANCED,
    )
    weights_file: str = Field(
        default="",
        title="Own weights",
        description=(
            "A file of weights of this network, in the weights folder or with its full path. "
            "Empty for published ones."
        ),
        json_schema_extra=_ADVANCED,
    )

    @field_validator("tile_size_px")
    @classmethod
    def _fit_into_image(cls, tile_size_px: int, info: ValidationInfo) -> int:
        return min(tile_size_px, int(info.data.get("image_size_px", tile_size_px)))


CARD = ModelCard(
    kind="unet",
    title="U-Net",
    task="segmentation",
    summary="Learns from drawn masks which pixels are defects, and of which type.",
    needs="Defective parts with drawn masks; good parts as well",
    config_schema=UNetConfig.model_json_schema(),
)
