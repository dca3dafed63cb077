"""Starts the worker that its arguments name, tells its process id, and waits to be killed."""

import subprocess
import sys
import threading

worker = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
sys.stdout.write(f"{worker.pid}\n")
sys.stdout.flush()
threading.Event().wait()
