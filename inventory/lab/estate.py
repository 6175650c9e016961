"""The lab for tests: run it as a process, read its description, switch its faults."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_DEADLINE_S = 20.0


class LabFailed(RuntimeError):
    """The lab did not start, or refused a control command."""


@dataclass(frozen=True, slots=True)
class RunningLab:
    """A lab that answers. `description` is its `lab.json`."""

    directory: Path
    description: dict[str, Any]

    def host(self, name: str) -> dict[str, Any]:
        """A host's entry of the description. Raises KeyError."""
        for host in self.description["hosts"]:
            if host["name"] == name:
                return dict(host)
        raise KeyError(name)

    def control(self, *words: str) -> str:
        """A control command's output. Raises LabFailed."""
        argv = (sys.executable, "-m", "inventory.lab.control", "--dir", str(self.directory), *words)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own words
        if done.returncode:
            raise LabFailed(done.stderr.strip())
        return done.stdout

    def fault(self, host: str, name: str, value: str | float = "") -> None:
        """Switch a fault on."""
        self.control("fault", host, f"{name}={value}" if value != "" else name)

    def clear(self, host: str = "", name: str = "") -> None:
        """Switch off one fault, all of a host, or all."""
        self.control("clear", *(word for word in (host, name) if word))

    def defect(self, lpar: str, name: str) -> None:
        """Give an LPAR a defect of `scenarios/defects.yaml`; it stays until a command cures it."""
        self.control("defect", lpar, name)

    def truth(self, host: str) -> list[dict[str, Any]]:
        """What was really executed: argv, start, end, status (null: running or killed)."""
        return list(json.loads(self.control("truth", host)))

    def ran(self, host: str, program: str) -> list[dict[str, Any]]:
        """The executions of one program."""
        return [one for one in self.truth(host) if one["argv"][0] == program]

    def speed(self, speed: float) -> None:
        """Change the clock's speed."""
        self.control("speed", str(speed))


@contextmanager
def running_lab(directory: Path, *, speed: float = 60.0, scenario: str = "demo") -> Iterator[RunningLab]:
    """The lab as a child process, up and answering; stopped afterwards. Raises LabFailed."""
    description = directory / "lab.json"
    description.unlink(missing_ok=True)
    argv = (sys.executable, "-m", "inventory.lab", "--dir", str(directory))
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / "lab.log"
    with log.open("ab") as output:
        lab = subprocess.Popen(  # noqa: S603 - our own words
            (*argv, "--speed", str(speed), "--scenario", scenario), stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + START_DEADLINE_S
        while not description.exists():
            if lab.poll() is not None or time.monotonic() > deadline:
                raise LabFailed(f"the lab did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield RunningLab(directory, json.loads(description.read_text()))
    finally:
        lab.terminate()
        try:
            lab.wait(timeout=10)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait()
