"""Whether this process is shutting down; executions look at it wherever they wait."""

import threading

stopping = threading.Event()
