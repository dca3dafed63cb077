"""What the program is about, in plain Python and numpy: no Qt, no torch, no files."""
