"""The second stage of an autoencoder that names types: its head, on what its encoder sees."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW

from training.data.augment import vary
from training.data.examples import Examples
from training.imbalance.weights import inverse_frequency_weights
from training.models.autoencoder.residual import ResidualAutoencoder, TypeHead

_PASSES = 4
"""Times each image is looked at: once as it is, then slightly varied."""
_STEPS = 300
_RATE = 1e-2
_DECAY = 0.1


def fit_type_head(
    model: ResidualAutoencoder, head: TypeHead, examples: Examples, device: torch.device
) -> None:
    """Learn the types of labelled images; the encoder stays what reconstruction has made it.

    So scores and maps are the same with and without types. All types count alike, however many
    images there are of each.

    Args:
        model: set to `eval` and on `device`, as is its head.
    """
    features, places = _features(model, examples, device)
    head.scale_by(features)
    counts = places.bincount(minlength=len(model.classes)).clamp_min(1)
    weights = torch.from_numpy(inverse_frequency_weights(counts.tolist())).float().to(device)
    optimizer = AdamW(head.parameters(), lr=_RATE, weight_decay=_DECAY)
    for _ in range(_STEPS):
        optimizer.zero_grad()
        loss = cross_entropy(head(features), places, weights)
        torch.autograd.backward(loss)
        optimizer.step()


@torch.no_grad()
def _features(
    model: ResidualAutoencoder, examples: Examples, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return (N, D) and the places of the classes (N,), every image several times."""
    features, places = [], []
    for number in range(_PASSES):
        for images, of in examples.loader(model.config.batch_size):
            seen = vary(images) if number else images
            features.append(model.features(seen.to(device)))
            places.append(of)
    return torch.cat(features), torch.cat(places).to(device)
