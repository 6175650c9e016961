"""The suite's environment, set before Django's settings are read: a data directory of its own."""

import atexit
import os
import shutil
import tempfile

if "PORTAL_VAR_DIR" not in os.environ:
    directory = tempfile.mkdtemp(prefix="portal-tests-")
    os.environ["PORTAL_VAR_DIR"] = directory
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
