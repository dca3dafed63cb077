"""The formats by name."""

import subprocess
import sys

import pytest

from inspector_app import formats
from inspector_app.services.exchange import EXPORT_FORMATS, IMPORT_FORMATS


def test_that_the_export_formats_on_offer_exist() -> None:
    assert tuple(formats.EXPORTERS) == EXPORT_FORMATS


def test_that_the_import_formats_on_offer_exist() -> None:
    assert tuple(formats.IMPORTERS) == IMPORT_FORMATS


def test_that_other_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="PRINTERS"):
        formats.PRINTERS  # noqa: B018


def test_that_the_services_load_no_format_before_one_is_used() -> None:
    script = (
        "import sys, inspector_app.services.exchange, inspector_app.services.opening\n"
        "print([n for n in ('yaml', 'inspector_app.formats.coco') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
