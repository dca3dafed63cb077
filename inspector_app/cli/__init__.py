"""The command line: no Qt, no torch; jobs run in the same worker the window uses."""
