"""Files of a job that adapts the click model to a project. No torch, no Qt."""

from inspector_app.protocol.base import Frozen

REGIONS_FILE = "regions.jsonl"
"""The regions to learn from, one `ClickRegion` a line."""
ADAPTED_FILES = ("click.safetensors", "click.json")
"""What the job leaves in its folder if the model has become better; the card last."""
LEAST_REGIONS = 20
"""With fewer a fifth of them says nothing of the others."""


class ClickRegion(Frozen):
    """One region that somebody has accepted."""

    image_path: str
    """As the GUI names it, a page of a file included."""
    size: tuple[int, int]
    """Height and width of the image in px."""
    counts: str
    """COCO's compressed run lengths."""
