"""CLIP's text encoder (Radford et al. 2021, arXiv 2103.00020), with the published weights."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from training.models.yolo_world.clip_tokens import CONTEXT

_RENAMED = {
    "attn.": "self_attn.",
    "ln_1.": "norm1.",
    "ln_2.": "norm2.",
    "mlp.c_fc.": "linear1.",
    "mlp.c_proj.": "linear2.",
}
"""The published names of what torch calls otherwise."""
_LAYER = "transformer.resblocks."
_CHANNELS_PER_HEAD = 64


class TextEncoder(nn.Module):
    """Texts to vectors of length 1 that lie near those of pictures of them."""

    def __init__(self, words: int, channels: int, layers: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            channels,
            channels // _CHANNELS_PER_HEAD,
            4 * channels,
            dropout=0.0,
            activation=_quick_gelu,
            batch_first=True,
            norm_first=True,
        )
        self.token_embedding = nn.Embedding(words, channels)
        self.positional_embedding = nn.Parameter(torch.zeros(CONTEXT, channels))
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.ln_final = nn.LayerNorm(channels)
        self.text_projection = nn.Parameter(torch.zeros(channels, channels))

    @classmethod
    def of(cls, published: Mapping[str, Tensor]) -> "TextEncoder":
        """Return the encoder of CLIP's whole state; its pictures' part is left aside.

        Raises:
            KeyError, RuntimeError: if it is another network's.
        """
        words, channels = published["token_embedding.weight"].shape
        layers = {
            name.removeprefix(_LAYER).partition(".")[0]
            for name in published
            if name.startswith(_LAYER)
        }
        encoder = cls(words, channels, len(layers))
        own = {_own_name(name): value.float() for name, value in published.items()}
        encoder.load_state_dict({name: own[name] for name in encoder.state_dict()})
        return encoder.eval()

    @torch.inference_mode()
    def forward(self, numbers: Tensor) -> Tensor:
        """Return vectors (N, C) of texts' numbers (N, 77)."""
        x = self.token_embedding(numbers) + self.positional_embedding
        mask = nn.Transformer.generate_square_subsequent_mask(CONTEXT)
        x = self.ln_final(self.encoder(x, mask=mask, is_causal=True))
        # The end has the highest number, and has seen the whole text.
        ends = x[torch.arange(len(x)), numbers.argmax(1)]
        return nn.functional.normalize(ends @ self.text_projection)


def _own_name(name: str) -> str:
    if not name.startswith(_LAYER):
        return name
    own = name.replace(_LAYER, "encoder.layers.", 1)
    for published, renamed in _RENAMED.items():
        own = own.replace(published, renamed, 1)
    return own


def _quick_gelu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(1.702 * x)
