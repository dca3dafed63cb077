"""The sample project's images: procedural products with procedural defects, in MVTec's layout."""

from inspector_app.sample.product import DefectType, Photo, Product
from inspector_app.sample.products import PRODUCTS
from inspector_app.sample.write import create_sample, photograph, product_named

__all__ = [
    "PRODUCTS",
    "DefectType",
    "Photo",
    "Product",
    "create_sample",
    "photograph",
    "product_named",
]
