"""Each product's sample, made once for all tests."""

from pathlib import Path

import pytest

from inspector_app.sample import PRODUCTS, Product, create_sample


@pytest.fixture(scope="session", params=PRODUCTS, ids=lambda product: product.name)
def product(request: pytest.FixtureRequest) -> Product:
    chosen: Product = request.param
    return chosen


@pytest.fixture(scope="session")
def sample(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product's finished folder; only to be read."""
    return create_sample(tmp_path_factory.mktemp("sample"), product=product.name)
