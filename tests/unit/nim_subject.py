"""pay01 as a client of the NIM master nim01, for tests of plans."""

from typing import Any

from inventory.facts.base import Output, Reading
from inventory.facts.catalogue import fact_named
from liveupdate.lpar.subject import Subject
from liveupdate.procedures.step import HostRef, StepHost
from tests.unit.plan_subject import hosts, subject

CLIENT = (
    "pay01:\n   class          = machines\n   type           = standalone\n   connect        = nimsh\n"
    "   mgmt_profile1  = hmc01 {id} {system}\n   Cstate         = ready for a NIM operation\n"
    "   prev_state     = ready for a NIM operation\n   Mstate         = currently running\n"
)
SYSTEM = (
    "9080-M9S_78A1234:\n   class      = management\n   type       = cec\n   prev_state =\n"
    "   hmc        = hmc01\n   serial     = 9080-M9S*78A1234\n"
)
MANAGEMENT = (
    "hmc01                management       hmc\n9080-M9S_78A1234     management       cec\n"
    "viodev1              management       vios\n"
)
RESOURCE = (
    "liveupdate_data_pay01:\n   class       = resources\n   type        = live_update_data\n"
    "   Rstate      = ready for use\n   location    = /nimdata/lud_pay01\n   alloc_count = 0\n"
)
NO_OBJECT = '0042-053 lsnim: there is no NIM object named "liveupdate_data_pay01"\n'
NO_FILE = "cat: 0652-050 Cannot open /export/nim/liveupdate/liveupdate_data_pay01.\n"
FILE = "/export/nim/liveupdate/liveupdate_data_pay01"


def nim_subject(
    changes: dict[str, str | None] | None = None,
    *,
    client: str = CLIENT.format(id=26, system="9080-M9S_78A1234"),
    resource: str = "",
    file: tuple[str, str | None] = (FILE, None),
    **fields: Any,
) -> Subject:
    """pay01 with its NIM master's answers; without `resource` NIM has no live_update_data for it."""
    usual = {"procedure": "nim_live_update", "media": "", "choices": {"lpp_source": "7200-05-04_lpp"}}
    found = subject(
        changes,
        **(usual | fields),
        nim_name="pay01",
        nim_directory="/export/nim/liveupdate",
    )
    missing = Output("", NO_OBJECT, 1)
    answers = {
        ("nim_management", ""): Output(MANAGEMENT),
        ("nim_object", "pay01"): Output(client),
        ("nim_object", "9080-M9S_78A1234"): Output(SYSTEM),
        ("nim_object", "liveupdate_data_pay01"): Output(resource) if resource else missing,
        ("nim_live_update_data", file[0]): Output("", NO_FILE, 2) if file[1] is None else Output(file[1]),
    }
    at = found.reading(fact_named("oslevel"))
    assert at is not None
    for (name, key), output in answers.items():
        found.facts.add(Reading(name, key, "nim01", name, output, at.read_at))
    return found


def nim_hosts() -> dict[StepHost, HostRef]:
    """pay01, its HMC and its NIM master."""
    master = HostRef("nim01", "10.254.0.10", 22, "root", "SHA256:" + "C" * 43, "nim01-key")
    return hosts() | {StepHost.NIM_MASTER: master}
