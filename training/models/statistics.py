"""Batch statistics of published networks, which are better left as they are."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def keep_batch_statistics(network: nn.Module) -> None:
    """Set all batch norms to `eval`.

    To be done in `on_train_start`: an epoch that is gone on with does not start once more.
    Statistics of a few small batches are worse than those of a million photos; and weights whose
    batch norms have been folded into their convolutions, as converted files often have, do not
    survive any others.
    """
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
