"""What the window does, without the window: QtCore and QtGui at most, never a widget or a dialog.

`opening`, `exchange` and `job_files` know no Qt at all; the command line uses them too.
"""
