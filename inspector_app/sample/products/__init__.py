"""One file for each sample product."""

from inspector_app.sample.product import Product
from inspector_app.sample.products.fabric import FABRIC
from inspector_app.sample.products.flange import FLANGE

PRODUCTS: tuple[Product, ...] = (FLANGE, FABRIC)

__all__ = ["PRODUCTS"]
