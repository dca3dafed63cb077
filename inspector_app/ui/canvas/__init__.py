"""The canvas: an image with regions on it, and the tools that draw them."""
