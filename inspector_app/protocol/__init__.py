"""What the window (or the command line) and a worker say to each other and leave in files."""
