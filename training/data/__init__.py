"""The frozen data set, its pictures as tensors, and how they are varied."""
