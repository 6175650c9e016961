"""The lab for tests: run it as a process, read its description, switch its faults."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.lab.shell.client import HEADER_BYTES

START_DEADLINE_S = 20.0
CONTROL_DEADLINE_S = 30.0


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
        request = b"\0".join(map(os.fsencode, ("@control", "0", "0", "", "C", "control", *words)))
        said = {b"o": b"", b"e": b"", b"x": b""}
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(CONTROL_DEADLINE_S)
            line.connect(self.description["control"])
            line.sendall(len(request).to_bytes(4, "big") + request)
            answer = line.makefile("rb")
            while header := answer.read(HEADER_BYTES):
                said[header[:1]] += answer.read(int.from_bytes(header[1:], "big"))
        if said[b"x"] != b"0":
            raise LabFailed(said[b"e"].decode().strip())
        return said[b"o"].decode()

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

    def met(self, host: str) -> dict[str, int]:
        """The faults that would have struck if they had been on, with how often they were asked for."""
        return dict(json.loads(self.control("met", host)))

    def world(self) -> dict[str, Any]:
        """The estate's own state, as the lab keeps it."""
        return dict(json.loads(self.control("world")))

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
