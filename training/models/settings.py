"""Settings that kinds of model share, and how a form shows them. No torch here."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from inspector_app.protocol.base import Frozen

ADVANCED: dict[str, Any] = {"x-advanced": True}

HIDDEN: dict[str, Any] = {"x-hidden": True}
"""Of a setting that has its own place in the window, outside of the form."""

ScheduleName = Literal["one_cycle", "cosine", "plateau", "constant"]
PrecisionName = Literal["auto", "full", "bf16", "fp16"]

_SCHEDULES = {
    "one_cycle": "one cycle",
    "cosine": "cosine",
    "plateau": "on a plateau",
    "constant": "constant",
}
_PRECISIONS = {
    "auto": "automatic",
    "full": "32 bits",
    "bf16": "16 bits (bfloat)",
    "fp16": "16 bits (half)",
}


def named(names: dict[str, str]) -> dict[str, Any]:
    """Return the part of a schema that names choices for people."""
    return {"x-choices": names}


def epochs_setting(default: int) -> Any:
    return Field(
        default=default,
        ge=1,
        le=2000,
        title="Epochs",
        description="How often training goes through all its images. More takes longer.",
    )


def image_size_setting(default: int, *, least: int = 64, most: int, then: str = "") -> Any:
    """Return the setting; `then` says what else happens to the reduced image."""
    return Field(
        default=default,
        ge=least,
        le=most,
        multiple_of=32,
        title="Image size (px)",
        description=(
            f"Images are reduced to this square size{then}. Larger finds smaller defects; "
            "twice the size takes four times as long."
        ),
    )


def batch_size_setting(default: int, *, least: int = 1) -> Any:
    return Field(
        default=default,
        ge=least,
        le=256,
        title="Images per step",
        description="Lower it when memory runs out.",
    )


def learning_rate_setting(default: float | None, automatic: str = "") -> Any:
    """Return the setting; `automatic` is a sentence on what no number stands for."""
    advice = "Lower it when training fails with invalid numbers."
    sentences = ("Size of a training step.", automatic, advice)
    return Field(
        default=default,
        ge=1e-6,
        le=0.1,
        title="Learning rate",
        description=" ".join(sentence for sentence in sentences if sentence),
    )


def answers_setting(default: Literal["defect", "types"]) -> Any:
    return Field(
        default=default,
        title="Tell apart",
        description="Defects from the background only, or every type of defect as well.",
        json_schema_extra=named({"defect": "defect and background", "types": "types of defect"}),
    )


def seed_setting(title: str, description: str, extra: dict[str, Any] | None = None) -> Any:
    return Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title=title,
        description=description,
        json_schema_extra=extra,
    )


def made_up_setting(description: str) -> Any:
    return Field(default=0.0, ge=0.0, le=1.0, title="Made-up defects", description=description)


def switch(title: str, description: str, *, on: bool = True) -> Any:
    return Field(default=on, title=title, description=description)


class TrainingConfig(Frozen):
    """Settings that the training run itself reads; each kind adds its own.

    Titles and descriptions are what the operator sees: the form is generated from the schema.
    """

    epochs: int = epochs_setting(40)
    image_size_px: int = image_size_setting(128, most=512)
    batch_size: int = batch_size_setting(8)
    patience: int = Field(
        default=20,
        ge=1,
        le=2000,
        title="Stop after epochs without progress",
        description="Training ends early when held-out images have not improved for so long.",
        json_schema_extra=ADVANCED,
    )
    schedule: ScheduleName = Field(
        default="one_cycle",
        title="Course of the learning rate",
        description=(
            "One cycle rises and falls once and suits most. Cosine only falls. On a plateau: "
            "falls whenever held-out images stop improving, for runs of unknown length."
        ),
        json_schema_extra=ADVANCED | named(_SCHEDULES),
    )
    warm_up: float = Field(
        default=0.1,
        ge=0.0,
        le=0.9,
        title="Warm-up",
        description="Share of all steps in which the learning rate rises to its full size.",
        json_schema_extra=ADVANCED,
    )
    ema_decay: float = Field(
        default=0.0,
        ge=0.0,
        lt=1.0,
        title="Averaged weights",
        description=(
            "The model becomes a moving average of its weights, which evens out single steps. "
            "0.99 looks back over some hundred steps; 0 takes the weights as they are."
        ),
        json_schema_extra=ADVANCED | {"x-decimals": 5},
    )
    precision: PrecisionName = Field(
        default="auto",
        title="Precision",
        description=(
            "Automatic computes with 16 bits on a GPU, with the kind it can do best, and with "
            "32 on a CPU. Full is slower and for comparisons."
        ),
        json_schema_extra=ADVANCED | named(_PRECISIONS),
    )
    deterministic: bool = Field(
        default=False,
        title="Repeatable to the last digit",
        description=(
            "On a GPU too, where the quickest ways to compute differ from run to run. Slower; "
            "on a CPU every run is repeatable."
        ),
        json_schema_extra=ADVANCED,
    )
    compiling: Literal["off", "auto"] = Field(
        default="off",
        title="Compile the network",
        description=(
            "Automatic translates the network for the GPU before the first step. That takes a "
            "minute and pays off in long trainings."
        ),
        json_schema_extra=ADVANCED | named({"off": "off", "auto": "automatic"}),
    )
    gradient_clip: float = Field(
        default=1.0,
        ge=0.0,
        le=1000.0,
        title="Longest gradient",
        description="Longer ones are shortened: one wild step cannot undo a run. 0 for no limit.",
        json_schema_extra=ADVANCED,
    )
    overkill: float = Field(
        default=0.05,
        gt=0.0,
        lt=1.0,
        title="Good parts that may be rejected",
        description=(
            "Share of good parts that may be called NG; sets the threshold. "
            "0.05 is one in twenty, and needs at least 19 held-out good images to be kept."
        ),
    )
    seed: int = seed_setting(
        "Random seed", "The same seed on the same images and machine gives the same model."
    )


class LabelledConfig(TrainingConfig):
    """Settings of kinds that learn from labelled images, from published weights if there are."""

    network: str
    """Of which kind; each kind of model has its own choice of them."""
    pretrained: bool = switch(
        "Start from published weights",
        "Weights learnt on millions of photos, if they are among the imported ones; "
        "otherwise the network learns from scratch, and the result says so.",
    )
    split: Literal["stratified", "as_marked"] = Field(
        default="stratified",
        title="Split",
        description=(
            "Stratified shares out all images anew, each type alike, always in the same way "
            "for the same split seed. As marked keeps train, val and test of the project."
        ),
        json_schema_extra=ADVANCED | named({"stratified": "stratified", "as_marked": "as marked"}),
    )
    split_seed: int = seed_setting("Split seed", "Another number holds out other images.", ADVANCED)
    weights_file: str = Field(
        default="",
        title="Own weights file",
        description=(
            "A .safetensors or .pth file of this network, by its name in the weights folder or "
            "by its full path. Used in place of the published weights."
        ),
        json_schema_extra=ADVANCED,
    )


class DrawnConfig(LabelledConfig):
    """Settings of kinds that learn from drawn defects."""

    answers: Literal["defect", "types"] = answers_setting("defect")

    @property
    def learns_made_up(self) -> bool:
        """Whether good parts are enough, because defects are made up on them."""
        return False


def form_schema(config_type: type[TrainingConfig], first: Sequence[str] = ()) -> dict[str, Any]:
    """Return the schema that a form is made of, the settings named `first` before all others."""
    schema = config_type.model_json_schema()
    properties = schema["properties"]
    return schema | {"properties": {name: properties[name] for name in first} | properties}
