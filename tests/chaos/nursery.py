"""Worker processes that die at a given moment: `python -m tests.chaos.nursery`, one JSON line per worker.

The process never touches the database; each worker is a fork of it, which patches what a worker does
at its borders (what it sends, reads, takes in and commits) and kills itself at the n-th time.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import django

HOOKS = {
    "commit": "django.db.backends.base.base.BaseDatabaseWrapper._commit",
    "send": "inventory.transport.exchange.Exchange.__init__",
    "receive": "inventory.transport.exchange.Exchange.finish",
    "read": "inventory.transport.readers.SftpReader.read",
    "feed": "liveupdate.engine.tape.Tape.feed",
    "written": "liveupdate.engine.tape.Tape.written",
}
counts: Counter[str] = Counter()


def main() -> None:
    """Fork a worker for each line of standard input; answer how it ended and what it passed."""
    django.setup()
    import liveupdate.engine.execution  # noqa: F401 - each fork has it at once

    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        worker = os.fork()
        if not worker:
            os.close(reading)
            live(order, writing)
        os.close(writing)
        with os.fdopen(reading) as said:
            passed = json.loads(said.read() or "{}")
        _, status = os.waitpid(worker, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"killed": killed, "status": status, "passed": passed}), flush=True)


def live(order: dict[str, Any], writing: int) -> None:
    """Execute a run, and die where the order says."""
    from django.db import connections

    from liveupdate.engine.execution import execute

    for name, target in HOOKS.items():
        patch(name, target, order)
    execute(order["run"], f"mortal-{os.getpid()}")
    connections.close_all()
    os.write(writing, json.dumps(counts).encode())
    os._exit(0)


def patch(name: str, target: str, order: dict[str, Any]) -> None:
    """Count the calls of a method; die before or after the n-th if it is the one of the order."""
    owner, _, method = target.rpartition(".")
    module, _, cls = owner.rpartition(".")
    holder = getattr(__import__(module, fromlist=[cls]), cls)
    original: Callable[..., Any] = getattr(holder, method)

    @wraps(original)
    def mortal(*arguments: Any, **more: Any) -> Any:
        counts[name] += 1
        mine = order.get("hook") == name and counts[name] == order["nth"]
        if mine and order["when"] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **more)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, method, mortal)


if __name__ == "__main__":
    main()
