"""Encoded pictures: the last ones in memory, many on disk, the rest encoded now."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector_app.protocol.embeddings import Embedding, EmbeddingFiles
from training.segmenters.base import Kept, Recent
from training.segmenters.picture import Picture

_KEPT_IN_MEMORY = 16
"""4 MB each."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """A picture as the mask decoder takes it."""

    features: Tensor  # (1, 256, 64, 64) float32
    size: tuple[int, int]
    """Height and width of the picture in px."""


class Embeddings:
    """Of one encoder."""

    def __init__(
        self,
        encoder: str,
        files: EmbeddingFiles | None,
        device: torch.device,
        encode: Callable[[Picture], Tensor],
    ) -> None:
        """Keep embeddings in `files` too, if there are any.

        Args:
            encoder: names the weights, in file names.
            encode: returns (1, 256, 64, 64).
        """
        self._encoder = encoder
        self._files = files
        self._device = device
        self._encode = encode
        self._recent: Recent[Encoded] = Recent(_KEPT_IN_MEMORY)

    def get(self, picture: Picture) -> Encoded:
        return self._recent.get(picture, self._read_or_encode)

    def get_at_once(self, picture: Picture) -> Encoded | None:
        """Return it unless it would have to be encoded."""
        if picture not in self._recent and (stored := self._read(picture)) is not None:
            self._recent.get(picture, lambda _: stored)
        return self.get(picture) if picture in self._recent else None

    def prepare(self, picture: Picture) -> Kept:
        """Encode a picture unless that was done before; keep it on disk."""
        if self._read_name(picture) and self._is_on_disk(picture):
            return Kept(is_kept=True, was_kept=True)
        self.get(picture)
        return Kept(is_kept=self._is_on_disk(picture))

    def _read_or_encode(self, picture: Picture) -> Encoded:
        if (stored := self._read(picture)) is not None:
            return stored
        encoded = Encoded(self._encode(picture), picture.size)
        self._write(picture, encoded)
        return encoded

    def _is_on_disk(self, picture: Picture) -> bool:
        return self._files is not None and self._files.has(
            self._encoder, picture.path, picture.view
        )

    def _read_name(self, picture: Picture) -> str:
        """Return the content's key, noted for the next time that it is asked for."""
        if self._files is None:
            return ""
        if known := self._files.known_content(picture.path):
            return known
        try:
            self._files.note_content(picture.path, picture.content)
        except OSError as error:
            _log.warning("the cache of embeddings takes nothing: %s", error)
        return picture.content

    def _read(self, picture: Picture) -> Encoded | None:
        if self._files is None:
            return None
        stored = self._files.read(self._encoder, self._read_name(picture), picture.view)
        if stored is None or stored.size != picture.size:
            return None
        features = torch.from_numpy(stored.features.astype(np.float32))
        return Encoded(features[None].to(self._device), stored.size)

    def _write(self, picture: Picture, encoded: Encoded) -> None:
        if self._files is None:
            return
        features = _halved(encoded.features)
        if not np.isfinite(features).all():
            # Beyond float16's range: not kept rather than kept wrong.
            return
        embedding = Embedding(features, encoded.size)
        try:
            self._files.write(self._encoder, self._read_name(picture), picture.view, embedding)
        except OSError as error:
            _log.warning("the embedding of %s is not kept: %s", picture.path, error)


def _halved(features: Tensor) -> NDArray[np.float16]:
    return np.asarray(features[0].to(torch.float16).cpu().numpy())
