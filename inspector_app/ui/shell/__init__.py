"""The frame around the pages: rail, status line, banners."""
