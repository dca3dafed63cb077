"""A small residual network (He et al. 2015, arXiv 1512.03385) for images of one kind of part."""

from torch import Tensor, nn

_WIDTHS = (32, 64, 128, 256)


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions and a way around them."""

    def __init__(self, c_in: int, c_out: int, *, stride: int) -> None:
        super().__init__()
        last_norm = nn.BatchNorm2d(c_out)
        # Blocks start as nothing but the way around: deep stacks then learn from the first step.
        nn.init.zeros_(last_norm.weight)
        self.convolutions = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
            last_norm,
        )
        self.way_around = (
            nn.Identity() if (stride, c_in) == (1, c_out) else _project(c_in, c_out, stride)
        )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:  # (B, c_in, H, W)
        # (B, c_out, H / stride, W / stride)
        activated: Tensor = self.activation(self.convolutions(x) + self.way_around(x))
        return activated


def residual_stages() -> list[nn.Sequential]:
    """Return a stem and four stages of two blocks; 256 channels at 1/16 of the input's size."""
    stem = nn.Sequential(
        nn.Conv2d(3, _WIDTHS[0], 3, 2, padding=1, bias=False),
        nn.BatchNorm2d(_WIDTHS[0]),
        nn.ReLU(inplace=True),
    )
    stages = [stem]
    c_in = _WIDTHS[0]
    for number, c_out in enumerate(_WIDTHS):
        first = ResidualBlock(c_in, c_out, stride=1 if number == 0 else 2)
        stages.append(nn.Sequential(first, ResidualBlock(c_out, c_out, stride=1)))
        c_in = c_out
    return stages


def _project(c_in: int, c_out: int, stride: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
