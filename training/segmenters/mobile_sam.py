"""MobileSAM: SAM's prompt encoder and mask decoder behind a TinyViT image encoder.

The network comes from ultralytics' builder. Its module names are those of
ChaoningZhang/MobileSAM (``image_encoder.patch_embed.seq.0.c.weight``,
``image_encoder.layers.1.blocks.0.attn.attention_biases``, ``prompt_encoder.…``,
``mask_decoder.…``), so the official state dict fits without renaming; loading is
strict and says so if that ever changes.
"""

from segment_anything.modeling import Sam

from training.segmenters.sam import load_weights
from training.ultralytics_import import importing_ultralytics
from training.weights import StateDict


def build_mobile_sam(weights: StateDict) -> Sam:
    """Return the network with its weights, on the CPU.

    Raises:
        MissingWeightsError: if the weights are another network's, or this is an installation
            without ultralytics (NOTICE says why there may be).
    """
    with importing_ultralytics("MobileSAM", "use the weights of SAM instead"):
        # Imported here: it takes a second and changes settings of the whole process.
        from ultralytics.models.sam.build import build_mobile_sam as build_parts  # noqa: PLC0415

        parts = build_parts()
    # segment-anything's Sam adds the preprocessing (mean and deviation in 0…255, padding
    # to 1024) and the upscaling of masks that its predictor relies on.
    network = Sam(parts.image_encoder, parts.prompt_encoder, parts.mask_decoder)
    return load_weights(network, weights)
