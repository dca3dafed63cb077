"""Label files of the field: reading and writing them, without a database or a window."""
