"""What a command's end says to the shell."""

DONE = 0
BUG = 1
TO_PUT_RIGHT = 2
"""The operator can mend it; stderr says how."""
INTERRUPTED = 130
"""As shells report Ctrl-C."""
