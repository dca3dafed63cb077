"""Parts of pages: forms, charts, the threshold."""
