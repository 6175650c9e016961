"""The suite's environment, set before Django's settings are read: a data directory of its own, and for
each worker of a parallel run its own of Redis's 16 databases, counted from the one that REDIS_URL names."""

import atexit
import os
import shutil
import tempfile

if "PORTAL_VAR_DIR" not in os.environ:
    directory = tempfile.mkdtemp(prefix="portal-tests-")
    os.environ["PORTAL_VAR_DIR"] = directory
    atexit.register(shutil.rmtree, directory, ignore_errors=True)

os.environ.setdefault("PORTAL_NETWORKS", "127.0.0.0/8,::1/128")  # where the tests' hosts are
worker, redis_url = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("REDIS_URL", "")
if worker and redis_url:
    server, _, number = redis_url.rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{int(number) + int(worker.removeprefix('gw'))}"
