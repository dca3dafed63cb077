"""A small encoder and decoder with skip connections, and an estimate of its own IoU."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.models.click.novelty import CHANNELS as SEEN_CHANNELS
from training.models.click.novelty import appearance, novelty_maps
from training.models.click.prompts import (
    colour_likeness,
    connected_maps,
    disc_maps,
    likeness_maps,
    normalised,
)

STRIDE = 32
"""Sides of the input are multiples of this."""
WIDTHS = (16, 32, 64, 96, 128)
"""Channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the resolution."""
_BLOCKS = (1, 2, 2, 2)
_MOMENTUM = 0.02
_LIKENESS_CHANNELS = 32
_LIKENESS_STAGE = 2
"""Where features are compared with those under the clicks: at 1/8."""
_ATTENTION = {3: 4, 4: 3}
"""How many blocks of attention follow a stage: at 1/16 and at 1/32."""
_HEAD_CHANNELS = 32
ADDED = ("attention.", "rarity.")
"""What the names of weights begin with that earlier networks did without."""
STATISTICS = ("_mean", "_var")
"""What the names of the norms' statistics end with."""
SHOWN = ("shown.0.weight", "liken.0.weight")
"""Weights that grow in their second dimension when the network is shown more."""


class ClickNetwork(nn.Module):
    """From image, clicks and earlier mask to logits and estimated IoU."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.stem = _conv(4, widths[0], stride=2)
        self.shown = _conv(widths[0] + 6, widths[0])
        self.stages = nn.ModuleList(
            nn.Sequential(_conv(c_in, c_out, stride=2), *(Residual(c_out) for _ in range(count)))
            for c_in, c_out, count in zip(widths[:-1], widths[1:], _BLOCKS, strict=True)
        )
        self.attention = nn.ModuleDict(
            {
                str(stage): nn.Sequential(*(Attention(widths[stage]) for _ in range(count)))
                for stage, count in _ATTENTION.items()
            }
        )
        compared = widths[_LIKENESS_STAGE]
        self.embed = nn.Conv2d(compared, _LIKENESS_CHANNELS, 1)
        self.rarity = nn.Conv2d(SEEN_CHANNELS + compared, SEEN_CHANNELS, 1, bias=False)
        # What is rare is at first what looks rare.
        nn.init.eye_(self.rarity.weight.detach()[:, :, 0, 0])
        self.liken = _conv(compared + 8, compared, kernel=1)
        self.around = nn.Linear(widths[-1], widths[-1])
        self.lateral = nn.ModuleList(
            nn.Conv2d(c_in, c_out, 1) for c_in, c_out in zip(widths[1:], widths[:-1], strict=True)
        )
        self.merge = nn.ModuleList(_conv(width, width) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], 4, 3, padding=1)
        # Most of a picture is not what is clicked.
        nn.init.constant_(self.head.bias, -2.0)  # type: ignore[arg-type]
        self.judge = nn.Sequential(
            nn.Linear(widths[-1] + 2 * widths[1], 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, images: Tensor, clicks: Tensor, earlier: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (B, 1, H, W) and the logit of the mask's IoU (B,).

        Args:
            images: (B, 3, H, W) in [0, 1], RGB; sides are multiples of 32.
            clicks: (B, K, 3) x, y in px and 1 (belongs), 0 (does not) or -1 (no click).
            earlier: (B, 1, H, W) in [0, 1], zero if there is no earlier mask.
        """
        self._choose_statistics(earlier)
        images = normalised(images)
        seen = torch.cat((images, earlier * 2), 1).contiguous(memory_format=torch.channels_last)
        discs = disc_maps(clicks, *images.shape[-2:])
        likeness = colour_likeness(images, clicks)
        connected = connected_maps(likeness, clicks)
        shown = torch.cat((discs, likeness, connected), 1)
        x = self.shown(torch.cat((self.stem(seen), shown), 1))  # (B, 32, H/2, W/2)
        skips = [x]
        for index, stage in enumerate(self.stages, 1):
            x = stage(x)
            if index == _LIKENESS_STAGE:
                x = self._likened(x, images, clicks, torch.cat((discs, connected), 1))
            if index in _ATTENTION:
                x = self.attention[str(index)](x)
            skips.append(x)
        context = functional.relu(self.around(x.mean((2, 3))))
        x = x + context[..., None, None]
        logits, quarter = self._decode(x, skips)
        return logits, self._judged(logits, quarter, context)

    def _choose_statistics(self, earlier: Tensor) -> None:
        is_first = bool((earlier.flatten(1).amax(1) == 0).float().mean() > 0.5)
        for part in self.modules():
            if isinstance(part, Norm):
                part.is_first = is_first

    def _likened(self, x: Tensor, images: Tensor, clicks: Tensor, shown: Tensor) -> Tensor:
        maps = likeness_maps(self.embed(x), clicks, 8).to(x.dtype)
        near = functional.max_pool2d(shown, 4).to(x.dtype)
        seen = torch.cat((appearance(images), x.float()), 1)
        # Single precision: of places that are nearly alike, half of it leaves no difference.
        with torch.autocast(x.device.type, enabled=False):
            novel = novelty_maps(self.rarity(seen)).to(x.dtype)
        likened: Tensor = self.liken(torch.cat((x, maps, near, novel), 1))
        return likened

    def _decode(self, x: Tensor, skips: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the logits, and the features at a quarter of the resolution."""
        quarter = x
        for level in reversed(range(len(self.merge))):
            above = functional.interpolate(
                self.lateral[level](x), scale_factor=2.0, mode="bilinear", align_corners=False
            )
            x = self.merge[level](skips[level] + above)
            if level == 1:
                quarter = x
        return functional.pixel_shuffle(self.head(x), 2), quarter

    def _judged(self, logits: Tensor, quarter: Tensor, context: Tensor) -> Tensor:
        inside = functional.avg_pool2d(logits.detach().float().sigmoid(), 4).to(quarter.dtype)
        share = inside.mean((2, 3)) + 1e-4
        within = (quarter * inside).mean((2, 3)) / share
        unsure = (quarter * inside * (1 - inside)).mean((2, 3)) / share
        judged: Tensor = self.judge(torch.cat((context, within, unsure), 1))
        return judged[:, 0]


def fused(network: ClickNetwork, *, is_first: bool) -> ClickNetwork:
    """Return a copy that learns no more, its norms put into the convolutions, a fifth faster.

    Args:
        is_first: whether it is for looks with no earlier mask or a drawn one, or for those with an
            answer of its own.
    """
    ready = copy.deepcopy(network).eval()
    for part in ready.modules():
        if not isinstance(part, nn.Sequential):
            continue
        if isinstance(part[0], nn.Conv2d) and isinstance(part[1], Norm):
            part[0] = fuse_conv_bn_eval(part[0], part[1].settled(is_first=is_first))
            part[1] = nn.Identity()
    return ready


class Norm(nn.BatchNorm2d):
    """Keeps the statistics of first looks apart from those of looks at an earlier answer.

    While it learns, the looks of a batch are nearly all of one kind, those at a drawn mask among
    the first; statistics of both fit neither (Wu and Johnson 2021, arXiv 2105.07576, section 5):
    with them the first click on made-up scenes found 0.30 IoU, with its own 0.49.
    """

    first_mean: Tensor
    first_var: Tensor

    def __init__(self, channels: int) -> None:
        # Slower than usual: a few scenes, each at another click, tell little about all of them.
        super().__init__(channels, momentum=_MOMENTUM)
        self.register_buffer("first_mean", torch.zeros(channels))
        self.register_buffer("first_var", torch.ones(channels))
        self.is_first = False

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) of the same shape."""
        mean, var = self.statistics(is_first=self.is_first)
        return functional.batch_norm(
            x, mean, var, self.weight, self.bias, self.training, _MOMENTUM, self.eps
        )

    def statistics(self, *, is_first: bool) -> tuple[Tensor | None, Tensor | None]:
        return (
            (self.first_mean, self.first_var) if is_first else (self.running_mean, self.running_var)
        )

    def settled(self, *, is_first: bool) -> nn.BatchNorm2d:
        """Return a common norm that does what this one does to looks of one kind."""
        norm = nn.BatchNorm2d(self.num_features, self.eps).eval()
        norm.weight, norm.bias = self.weight, self.bias
        norm.running_mean, norm.running_var = self.statistics(is_first=is_first)
        return norm


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), Norm(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class Attention(nn.Module):
    """Lets every place see every other one: cracks and bands go on far from the click.

    A block of the transformer (Vaswani et al. 2017, arXiv 1706.03762), normed before each part;
    a depthwise convolution tells places apart (Chu et al. 2021, arXiv 2102.10882), so that it
    fits inputs of any size. What it adds is zero at first: an earlier network goes on learning
    with it as it was.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self._heads = channels // _HEAD_CHANNELS
        self.near = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.before = nn.LayerNorm(channels)
        self.compare = nn.Linear(channels, 3 * channels)
        self.gather = nn.Linear(channels, channels)
        self.between = nn.LayerNorm(channels)
        self.think = nn.Sequential(
            nn.Linear(channels, 3 * channels), nn.GELU(), nn.Linear(3 * channels, channels)
        )
        for last in (self.near, self.gather, self.think[-1]):
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) of the same shape."""
        batch, channels, height, width = x.shape
        places = (x + self.near(x)).flatten(2).transpose(1, 2)  # (B, H × W, C)
        heads = self.compare(self.before(places)).reshape(batch, -1, 3, self._heads, _HEAD_CHANNELS)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value)
        places = places + self.gather(seen.transpose(1, 2).flatten(2))
        places = places + self.think(self.between(places))
        back: Tensor = places.transpose(1, 2).reshape(batch, channels, height, width)
        return back.contiguous(memory_format=torch.channels_last)


def _conv(c_in: int, c_out: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, kernel, stride, padding=kernel // 2, bias=False),
        Norm(c_out),
        nn.ReLU(inplace=True),
    )
