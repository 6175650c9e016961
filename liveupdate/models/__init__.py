"""From a request to the record of its run."""

from liveupdate.models.answers import GivenAnswer
from liveupdate.models.findings import StoredFinding
from liveupdate.models.requests import Approval, Plan, Request
from liveupdate.models.runs import OutputChunk, Run, RunCommand, RunEvent, RunStep

__all__ = [
    "Approval",
    "GivenAnswer",
    "OutputChunk",
    "Plan",
    "Request",
    "Run",
    "RunCommand",
    "RunEvent",
    "RunStep",
    "StoredFinding",
]
