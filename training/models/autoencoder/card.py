"""The autoencoder's settings and card, without torch."""

from pydantic import Field

from inspector_app.protocol.files import ModelCard
from training.models.settings import TrainingConfig, form_schema, learning_rate_setting, switch


class AutoencoderConfig(TrainingConfig):
    """Settings of the autoencoder."""

    learning_rate: float = learning_rate_setting(1e-3)
    base_channels: int = Field(
        default=16,
        ge=4,
        le=128,
        title="Network width",
        description="Wider networks draw finer detail and take longer.",
    )
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
    ssim_weight: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Structure against brightness",
        description=(
            "1 compares structure only (scratches, edges), 0 brightness and colour only (stains)."
        ),
    )
    augment: bool = switch(
        "Vary the training images slightly",
        "Shifts, turns and brightness changes as they happen under a camera.",
    )


CARD = ModelCard(
    kind="autoencoder",
    title="Autoencoder (baseline)",
    task="anomaly",
    summary="Learns to redraw good parts; what it cannot redraw is marked as a defect.",
    needs="Good parts only",
    is_baseline=True,
    config_schema=form_schema(AutoencoderConfig),
)
