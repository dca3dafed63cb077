"""The sample project's images: procedural products with procedural defects, in MVTec's layout."""
