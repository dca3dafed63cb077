"""Inspector: annotate defects, train on good parts, inspect folders — the desktop program."""

__version__ = "0.1.0"
