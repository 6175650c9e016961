"""SSH to LPARs, NIM masters and HMCs. Plain Python: no Django, no state beyond a connection."""

import logging

from inventory.transport.connection import Connection, connect
from inventory.transport.endpoint import Endpoint
from inventory.transport.launcher import Launched, Probe, ProbeState
from inventory.transport.result import OnOutput, Result, Stream, Tick

# Every failure reaches the caller as an error of ours; paramiko would print it, with a trace, as well.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

__all__ = [
    "Connection",
    "Endpoint",
    "Launched",
    "OnOutput",
    "Probe",
    "ProbeState",
    "Result",
    "Stream",
    "Tick",
    "connect",
]
