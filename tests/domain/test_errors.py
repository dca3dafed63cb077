"""Faults an operator can act on."""

import pytest

from inspector_app.domain.errors import (
    BadDataError,
    DiskFullError,
    ErrorKind,
    KnownError,
    MissingWeightsError,
    OutOfMemoryError,
)


def test_that_a_fault_reads_as_one_line_with_its_remedy() -> None:
    assert str(BadDataError("a.png: broken", "copy it again")) == "a.png: broken — copy it again"
    assert str(BadDataError("a.png: broken")) == "a.png: broken"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (BadDataError, ErrorKind.BAD_DATA),
        (OutOfMemoryError, ErrorKind.OUT_OF_MEMORY),
        (MissingWeightsError, ErrorKind.MISSING_WEIGHTS),
        (DiskFullError, ErrorKind.DISK_FULL),
    ],
)
def test_that_every_fault_has_its_kind(fault: type[KnownError], kind: ErrorKind) -> None:
    assert fault("x").kind is kind
