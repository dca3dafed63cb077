"""Click segmentation: prompts to masks."""
