"""Encoder and decoder that networks with a narrow middle are made of."""

from torch import nn

_HALVINGS = 5


def encoder(base_channels: int, code_channels: int) -> nn.Sequential:
    """Return (B, 3, H, W) to (B, code_channels, H/32, W/32)."""
    widths = _widths(base_channels)
    return nn.Sequential(
        *(_halve(c_in, c_out) for c_in, c_out in zip([3, *widths[:-1]], widths, strict=True)),
        nn.Conv2d(widths[-1], code_channels, 1),
    )


def decoder(base_channels: int, code_channels: int) -> nn.Sequential:
    """Return (B, code_channels, H/32, W/32) to (B, 3, H, W), not yet in [0, 1]."""
    widths = _widths(base_channels)[::-1]
    return nn.Sequential(
        nn.Conv2d(code_channels, widths[0], 1),
        *(
            _double(c_in, c_out)
            for c_in, c_out in zip(widths, [*widths[1:], widths[-1]], strict=True)
        ),
        nn.Conv2d(widths[-1], 3, 3, padding=1),
    )


def _widths(base_channels: int) -> list[int]:
    return [base_channels * min(2**i, 8) for i in range(_HALVINGS)]


def _halve(c_in: int, c_out: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.LeakyReLU(0.2),
    )


def _double(c_in: int, c_out: int) -> nn.Module:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(c_in, c_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(c_out),
        nn.LeakyReLU(0.2),
    )
