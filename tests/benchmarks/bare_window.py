"""The reference: a main window with a label, and nothing else."""

import os
import sys
import time

from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
from watch import PaintWatch, answer

app = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QLabel("Inspector"))
window.show()
started = float(os.environ["BENCH_STARTED"])
watch = PaintWatch(lambda: True, lambda: answer(painted_s=time.time() - started))
app.exec()
