"""How the view brightens, stretches and separates the colours of an image."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from inspector_app.domain.opencv import cv2
from inspector_app.ui.canvas.arrays import Pixels

_STRONGEST_GAMMA = 4.0


class Channel(StrEnum):
    """What of a colour is looked at; a single one is shown as grey."""

    ALL = "all"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    LUMINANCE = "luminance"

    @property
    def following(self) -> "Channel":
        """The next one, and the first after the last."""
        channels = list(Channel)
        return channels[(channels.index(self) + 1) % len(channels)]


_PLACES = {Channel.RED: 0, Channel.GREEN: 1, Channel.BLUE: 2}


@dataclass(frozen=True)
class Adjustment:
    """What is done to grey values on their way to the screen; the file is never touched."""

    brightness: int = 0
    """-100…100; 100 adds half of the range."""
    contrast: int = 0
    """-100…100; 100 multiplies by four around the middle."""
    gamma: int = 0
    """-100…100; 100 lifts dark values as a gamma of 4 does, -100 lowers them as one of ¼."""
    channel: Channel = Channel.ALL

    @property
    def is_neutral(self) -> bool:
        return self == Adjustment()

    @cached_property
    def table(self) -> Pixels:
        """New value of each of the 256 grey values."""
        values = np.linspace(0.0, 1.0, 256) ** (_STRONGEST_GAMMA ** (-self.gamma / 100))
        gain = 4.0 ** (self.contrast / 100)
        values = (255 * values - 127.5) * gain + 127.5 + self.brightness * 1.275
        return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)

    def applied(self, pixels: Pixels) -> Pixels:
        """Return (H, W, 3) RGB as it is to be shown."""
        return np.asarray(cv2.LUT(_separated(pixels, self.channel), self.table), np.uint8)


def _separated(pixels: Pixels, channel: Channel) -> Pixels:
    if channel is Channel.ALL:
        return np.ascontiguousarray(pixels)
    if channel is Channel.LUMINANCE:
        grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    else:
        grey = np.ascontiguousarray(pixels[:, :, _PLACES[channel]])
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
