"""Pictures of made-up products with made-up defects, and exactly where those are."""
