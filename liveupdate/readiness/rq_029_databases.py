"""RQ-029: databases need their vendor's word."""

import re
from dataclasses import replace

from inventory.facts.aix.processes import PROCESSES
from liveupdate.lpar.subject import Subject
from liveupdate.readiness.base import Check, FindingState, Outcome, Severity, answered
from liveupdate.readiness.evidence import process_lines, quoted

DATABASES = {
    "Oracle": re.compile(r"(?:ora|asm|xe)_pmon_\S+"),
    "Db2": re.compile(r"(?:\S*/)?db2sysc(?:\s.*)?"),
    "Informix": re.compile(r"(?:\S*/)?oninit(?:\s.*)?"),
    "SAP ASE (Sybase)": re.compile(r"(?:\S*/)?dataserver(?:\s.*)?"),
    "PostgreSQL": re.compile(r"(?:\S*/)?(?:postgres|postmaster)(?:[:\s].*)?"),
    "MySQL or MariaDB": re.compile(r"(?:\S*/)?(?:mysqld|mariadbd)(?:\s.*)?"),
    "MongoDB": re.compile(r"(?:\S*/)?mongod(?:\s.*)?"),
}


def _test(subject: Subject) -> Outcome:
    """Look for the databases' main processes; where one runs, a person must have the vendor's word."""
    running = {
        product: [each for each in subject.value(PROCESSES) if pattern.fullmatch(each.arguments)]
        for product, pattern in DATABASES.items()
    }
    seen = ", ".join(product for product, processes in running.items() if processes)
    if not seen:
        message = "No database is seen running."
        return Outcome(FindingState.NOT_APPLICABLE, message, (replace(quoted(subject, PROCESSES), lines=()),))
    said = answered(
        subject,
        "RQ-029",
        met=f"Supported with Live Update: {seen}.",
        open_question=f"Running: {seen}. Nobody has said whether the vendor supports Live Update.",
    )
    every = [process for processes in running.values() for process in processes]
    return replace(said, evidence=(process_lines(subject, every),))


CHECK = Check(
    id="RQ-029",
    title="Databases support Live Update",
    why="A database that is not made for it may take the pause of its processes for a failure.",
    remedy="Look the installed version up with its vendor; of Oracle, 12 to 19 are reported to be supported.",
    see="ps -ef shows no ora_pmon, db2sysc or other database, or the vendor's statement is at hand",
    severity=Severity.WARNING,
    varies="Applies where a database runs.",
    test=_test,
    source="IBM community: AIX Live Update",
    question="Does the vendor support Live Update with the version of the database that runs here?",
)
