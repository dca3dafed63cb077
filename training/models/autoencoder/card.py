"""Settings and cards of the models that redraw good parts, without torch."""

from typing import Any, Literal

from pydantic import Field

from inspector_app.protocol.files import ModelCard
from training.models.settings import (
    ADVANCED,
    TrainingConfig,
    form_schema,
    learning_rate_setting,
    named,
    switch,
)


def _stains_setting(default: float) -> Any:
    return Field(
        default=default,
        ge=0.0,
        le=0.5,
        title="Stains to repair",
        description=(
            "Share of the image that is covered by made-up stains and misplaced pieces while "
            "learning; the network must redraw what was there. 0 for none."
        ),
    )


def _noise_setting(default: float) -> Any:
    return Field(
        default=default,
        ge=0.0,
        le=0.5,
        title="Noise to remove",
        description="Strength of the noise that is added while learning. 0 for none.",
    )


class RedrawingConfig(TrainingConfig):
    """Settings of every model that redraws good parts."""

    learning_rate: float = learning_rate_setting(1e-3)
    base_channels: int = Field(
        default=16,
        ge=4,
        le=128,
        title="Network width",
        description="Wider networks draw finer detail and take longer.",
    )
    ssim_weight: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Structure against brightness",
        description=(
            "1 compares structure only (scratches, edges), 0 brightness and colour only (stains)."
        ),
    )
    pixel_difference: Literal["squared", "absolute"] = Field(
        default="squared",
        title="Difference of brightness",
        description=(
            "Squared (L2) forgives small differences and punishes large ones; absolute (L1) "
            "gives sharper copies."
        ),
        json_schema_extra=ADVANCED | named({"squared": "squared", "absolute": "absolute"}),
    )
    augment: bool = switch(
        "Vary the training images slightly",
        "Shifts, turns and brightness changes as they happen under a camera.",
    )
    stains: float = _stains_setting(0.0)
    noise: float = _noise_setting(0.0)


class AutoencoderConfig(RedrawingConfig):
    """Settings of the autoencoder."""

    bottleneck: int = Field(
        default=64,
        ge=4,
        le=1024,
        title="Memory of the part",
        description=(
            "How many numbers each part of the image is squeezed into. Too many, and defects "
            "are redrawn as well; too few, and good parts look wrong."
        ),
    )


class DenoisingConfig(AutoencoderConfig):
    """Settings of the autoencoder that learns to repair."""

    stains: float = _stains_setting(0.1)
    noise: float = _noise_setting(0.05)


class VariationalConfig(AutoencoderConfig):
    """Settings of the variational autoencoder."""

    simplicity: float = Field(
        default=0.01,
        ge=0.0,
        le=10.0,
        title="Weight of simplicity (β)",
        description=(
            "How strongly what is remembered is kept simple. More makes copies blurrier and "
            "defects harder to redraw."
        ),
        json_schema_extra={"x-decimals": 4},
    )


class ResidualConfig(RedrawingConfig):
    """Settings of the U-shaped autoencoder with a head for types."""

    # Connections across the U would copy any defect unless repairing is what is learned.
    stains: float = _stains_setting(0.2)
    noise: float = _noise_setting(0.05)
    learn_types: bool = switch(
        "Then learn the types of defect",
        "Where images of defects have types, their names are learned afterwards from what the "
        "network sees in them. All images are then shared out anew, each type alike.",
    )


_FIRST = ("epochs", "image_size_px", "batch_size")
_NEEDS_GOOD = "Good parts only"

AUTOENCODER_CARD = ModelCard(
    kind="autoencoder",
    title="Autoencoder (baseline)",
    task="anomaly",
    summary="Learns to redraw good parts; what it cannot redraw is marked as a defect.",
    needs=_NEEDS_GOOD,
    has_samples=True,
    is_baseline=True,
    config_schema=form_schema(AutoencoderConfig),
)
DENOISING_CARD = ModelCard(
    kind="denoising_autoencoder",
    title="Repairing autoencoder",
    task="anomaly",
    summary="Learns to repair made-up stains on good parts; what it would repair is a defect.",
    needs=_NEEDS_GOOD,
    has_samples=True,
    config_schema=form_schema(DenoisingConfig, (*_FIRST, "stains", "noise")),
)
VARIATIONAL_CARD = ModelCard(
    kind="vae",
    title="Variational autoencoder",
    task="anomaly",
    summary="Redraws each part as the likeliest good one; for parts that vary by themselves.",
    needs=_NEEDS_GOOD,
    has_samples=True,
    config_schema=form_schema(VariationalConfig, (*_FIRST, "simplicity")),
)
RESIDUAL_CARD = ModelCard(
    kind="residual_autoencoder",
    title="U-shaped autoencoder",
    task="anomaly",
    summary=(
        "Redraws fine detail of good parts and marks what it would repair; then learns to name "
        "types of defect, where there are any."
    ),
    needs="Good parts; images of defects with their types, if it is to name them",
    has_samples=True,
    config_schema=form_schema(ResidualConfig, (*_FIRST, "learn_types", "stains", "noise")),
)
