"""Label files of the field: reading and writing them, without a database or a window."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector_app.formats.registry import EXPORTERS, IGNORING, IMPORTERS

__all__ = ["EXPORTERS", "IGNORING", "IMPORTERS"]


def __getattr__(name: str) -> object:
    # The window starts without YAML, XML and every format's models; the first export pays.
    if name in __all__:
        from inspector_app.formats import registry  # noqa: PLC0415

        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
