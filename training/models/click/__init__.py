"""The click network: from an image, clicks and an earlier mask to a mask."""
