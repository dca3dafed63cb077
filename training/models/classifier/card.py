"""The classifier's settings and card, without torch."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from inspector_app.protocol.files import ModelCard
from training.models.settings import (
    ADVANCED,
    LabelledConfig,
    batch_size_setting,
    epochs_setting,
    form_schema,
    image_size_setting,
    learning_rate_setting,
    made_up_setting,
    named,
    switch,
)

NetworkName = Literal[
    "mobilenet_v2",
    "resnet18",
    "resnet34",
    "resnet50",
    "efficientnet_b0",
    "convnext_tiny",
    "vit_b_16",
    "own_resnet",
]
TrainedPart = Literal["head", "last_stage", "all"]
Imbalance = Literal[
    "none",
    "inverse_frequency",
    "class_balanced",
    "focal",
    "balanced_focal",
    "logit_adjustment",
]

_NETWORKS = {
    "mobilenet_v2": "MobileNet V2",
    "resnet18": "ResNet-18",
    "resnet34": "ResNet-34",
    "resnet50": "ResNet-50",
    "efficientnet_b0": "EfficientNet-B0",
    "convnext_tiny": "ConvNeXt-T",
    "vit_b_16": "ViT-B/16",
    "own_resnet": "Own ResNet",
}
_ANSWERS = {"types": "types of defect", "ok_ng": "OK and NG"}
_PARTS = {"head": "the head", "last_stage": "last stage", "all": "all of it"}
_IMBALANCES = {
    "none": "as they are",
    "inverse_frequency": "by number",
    "class_balanced": "class balanced",
    "focal": "focal",
    "balanced_focal": "balanced focal",
    "logit_adjustment": "logit adjustment",
}


class ClassifierConfig(LabelledConfig):
    """Settings of the classifier."""

    network: NetworkName = Field(
        default="mobilenet_v2",
        title="Network",
        description=(
            "MobileNet is quick without a GPU; ResNet 50, ConvNeXt and ViT want one. "
            "Own ResNet is small and always learns from scratch."
        ),
        json_schema_extra=named(_NETWORKS),
    )
    answers: Literal["types", "ok_ng"] = Field(
        default="types",
        title="Tell apart",
        description="Every type of defect, or only good parts from defective ones.",
        json_schema_extra=named(_ANSWERS),
    )
    trained_part: TrainedPart = Field(
        default="all",
        title="What is trained",
        description=(
            "Only the head (quickest, for few images), the last stage as well, or all. "
            "Without published weights all of the network is trained."
        ),
        json_schema_extra=named(_PARTS),
    )
    epochs: int = epochs_setting(20)
    image_size_px: int = image_size_setting(128, least=32, most=1024)
    # Batch statistics of one image are none.
    batch_size: int = batch_size_setting(16, least=2)
    learning_rate: float | None = learning_rate_setting(
        None, "Automatic is 0.0003 where published weights are trained on, else 0.001."
    )
    imbalance: Imbalance = Field(
        default="none",
        title="Rare types",
        description=(
            "How rare types are kept from being drowned: weights by their number, by their "
            "effective number (class balanced), more weight for what is hard (focal), or "
            "scores shifted by how frequent a type is (logit adjustment)."
        ),
        json_schema_extra=named(_IMBALANCES),
    )
    flips: bool = switch(
        "Mirror images at random",
        "Left to right and upside down; not where a mirrored part is another part.",
    )
    rotation: bool = switch(
        "Turn images at random", "By any angle, for surfaces and round parts.", on=False
    )
    crop: bool = switch(
        "Crop images at random", "Shows between 60 and 100 % of the area at a time."
    )
    colour_jitter: bool = switch(
        "Vary brightness and colour",
        "Turn colour variation off where the colour is what tells types apart.",
    )
    blur: bool = switch(
        "Blur images at random", "As a camera does that is slightly out of focus.", on=False
    )
    made_up: float = made_up_setting(
        "Share of the good training images that get a made-up defect, and are then learned as "
        "defective. Only where OK and NG are told apart: a made-up defect is of no type."
    )
    folds: int = Field(
        default=0,
        ge=0,
        le=20,
        title="Folds",
        description=(
            "For cross-validation: the stratified split tests on one of so many equal parts. "
            "0 for the usual split."
        ),
        json_schema_extra=ADVANCED,
    )
    fold: int = Field(
        default=0,
        ge=0,
        le=19,
        title="Fold to test on",
        description="Counted from 0; runs with each of them have tested every image once.",
        json_schema_extra=ADVANCED,
    )
    stage_rate: float = Field(
        default=0.5,
        gt=0.0,
        le=1.0,
        title="Rate of earlier stages",
        description=(
            "Each stage before the head learns at this share of the next one's rate. "
            "1 lets all learn alike, as a network from scratch always does."
        ),
        json_schema_extra=ADVANCED,
    )
    beta: float = Field(
        default=0.99,
        ge=0.0,
        lt=1.0,
        title="β (class balanced)",
        description="0 weighs all types alike; the closer to 1, the more rare ones count.",
        json_schema_extra=ADVANCED | {"x-decimals": 5},
    )
    gamma: float = Field(
        default=2.0,
        ge=0.0,
        le=10.0,
        title="γ (focal)",
        description="How much more hard examples count than easy ones.",
        json_schema_extra=ADVANCED,
    )
    tau: float = Field(
        default=1.0,
        ge=0.0,
        le=5.0,
        title="τ (logit adjustment)",
        description="How strongly scores are shifted against frequent types.",
        json_schema_extra=ADVANCED,
    )
    sampling: Literal["as_they_are", "square_root", "balanced"] = Field(
        default="as_they_are",
        title="Which images are drawn",
        description=(
            "As they are: each once per epoch. Balanced: every type equally often. "
            "Square root: between the two."
        ),
        json_schema_extra=ADVANCED,
    )
    mixed_reconstruction: bool = Field(
        default=False,
        title="Rebuild rare types (LMR)",
        description=(
            "In the second half of training, examples of rare types are partly redrawn from "
            "similar ones of frequent types, and pairs are mixed."
        ),
        json_schema_extra=ADVANCED,
    )
    neighbours: int = Field(
        default=0,
        ge=0,
        le=100,
        title="Neighbours that vote",
        description=(
            "So many training images that look most alike vote along with the network. "
            "0 for none; the model remembers every training image's features for it."
        ),
        json_schema_extra=ADVANCED,
    )

    @field_validator("folds")
    @classmethod
    def _check_folds(cls, folds: int) -> int:
        if folds == 1:
            raise ValueError("one fold would test on everything and leave nothing to learn from")
        return folds

    @field_validator("fold")
    @classmethod
    def _check_fold(cls, fold: int, info: ValidationInfo) -> int:
        folds = info.data.get("folds", 0)
        if folds and fold >= folds:
            raise ValueError(f"there are {folds} folds, counted from 0")
        return fold


_FIRST = ("network", "answers", "pretrained", "trained_part")
"""Inherited settings would come before them in the form."""


CARD = ModelCard(
    kind="classifier",
    title="Classifier",
    task="classification",
    summary="Learns to name what it sees: the type of defect, or good and defective.",
    needs="Images of at least two types, such as good parts and one type of defect",
    has_samples=True,
    config_schema=form_schema(ClassifierConfig, _FIRST),
)
