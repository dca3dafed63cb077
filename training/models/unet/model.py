"""The U-Net (Ronneberger et al. 2015, arXiv 1505.04597) and its score."""

import math
from collections.abc import Mapping, Sequence

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from training.models.anomaly import ScoringModel
from training.models.looking import Look, Marks
from training.models.normalizing import Normalization, channels_last
from training.models.unet.card import UNetConfig
from training.models.unet.tiles import blend_tiles

_HEADS = ("classifier.", "fc.")
"""Of the encoders' originals: 1000 classes of photos, of no use here."""


class UNet(ScoringModel):
    """Encoder, decoder with connections across, and a class for each pixel; class 0 is good."""

    def __init__(
        self,
        config: UNetConfig,
        classes: Sequence[str],
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        """Build with fresh weights, or with those of the encoder's torchvision original.

        Raises:
            RuntimeError: if they do not fit.
        """
        super().__init__()
        self.config = config
        self.classes = tuple(classes)
        # Never by name: the library would fetch weights from the network.
        self.network: nn.Module = smp.Unet(
            config.network, encoder_weights=None, in_channels=3, classes=len(classes)
        )
        self.is_pretrained = state is not None
        if state is not None:
            _load_encoder(self.network.encoder, state)
        channels_last(self.network)
        self.normalize = Normalization()

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, C, H, W) of images (B, 3, H, W) in [0, 1]; H and W multiples of 32."""
        x = self.normalize(images)
        # A third faster on CPUs; what is computed stays the same.
        logits: Tensor = self.network(x.contiguous(memory_format=torch.channels_last))
        return logits

    def logits_of(self, image: Tensor) -> Tensor:
        """Return logits (C, H, W) of a whole image (3, H, W), by overlapping tiles."""
        return blend_tiles(
            image,
            lambda tiles: self(tiles).float(),
            channels=len(self.classes),
            tile_px=min(self.config.tile_size_px, *image.shape[1:]),
            batch_size=self.config.batch_size,
        )

    def probabilities(self, image: Tensor) -> Tensor:
        """Return the share of each class in each pixel, (C, H, W)."""
        return self.logits_of(image).softmax(0)

    def score(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Score by −ln of each pixel's share of “good”: ln 2 where a defect is as likely.

        The image's score is the map's largest value, or the mean share of defects in percent.
        """
        # One by one: maps of all classes of a batch of large images would not fit into memory.
        judged = [self.judge(self.logits_of(image)) for image in images]
        return torch.stack([score for score, _ in judged]), torch.stack(
            [each for _, each in judged]
        )

    def look(self, images: Tensor) -> list[Look]:
        """See a defect wherever one is at least as likely as “good”."""
        return [self._look_at(self.logits_of(image)) for image in images]

    def _look_at(self, logits: Tensor) -> Look:
        score, surprise = self.judge(logits)
        shares, types = logits.softmax(0)[1:].max(0)
        marks = Marks(types.cpu() + 1, shares.cpu(), math.log(2.0))
        peak = self.peak_shares(logits, surprise).float().cpu()
        return Look(score.cpu(), surprise.cpu(), peak, marks)

    def peak_shares(self, logits: Tensor, surprise: Tensor) -> Tensor:
        """Return the share of each class, (C,), in the place that is least likely good."""
        shares: Tensor = logits.flatten(1)[:, surprise.argmax()].double().softmax(0)
        return shares

    def judge(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Return score () and map (H, W) of one image's logits (C, H, W), as `score` does."""
        surprise = _surprise(logits)
        if self.config.judged_by == "peak":
            return surprise.amax(), surprise
        return 100.0 * (1.0 - torch.exp(-surprise)).mean(), surprise


def _surprise(logits: Tensor) -> Tensor:
    """Return −ln of the share of class 0, exact however small it gets: (C, H, W) to (H, W)."""
    return softplus(logits[1:].logsumexp(0) - logits[0])


def _load_encoder(encoder: nn.Module, state: Mapping[str, Tensor]) -> None:
    wanted = encoder.state_dict()
    # Half-precision files are common; the network computes in single precision.
    given = {
        key: value.to(wanted[key].dtype) if key in wanted else value
        for key, value in state.items()
        if not key.startswith(_HEADS)
    }
    encoder.load_state_dict(given)
