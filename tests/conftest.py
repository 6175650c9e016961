"""Settings of the whole suite: a data directory of its own, no secrets of the machine's."""

import os
import tempfile

os.environ.setdefault("PORTAL_DEMO", "1")
os.environ.setdefault("PORTAL_VAR_DIR", tempfile.mkdtemp(prefix="portal-tests-"))
