"""File writes of the project; the functions themselves are shared with the label formats."""

from inspector_app.domain.files import (
    known_write_errors,
    write_atomically,
    write_text_atomically,
)

__all__ = ["known_write_errors", "write_atomically", "write_text_atomically"]
