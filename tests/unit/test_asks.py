"""What a procedure asks of its requester: what is taken, in which form, and what is refused."""

import pytest

from liveupdate.lpar.consents import Consent
from liveupdate.pages.request_form import RequestForm
from liveupdate.procedures import words
from liveupdate.procedures.ask import MEDIA, TARGET_LEVEL, Ask
from liveupdate.procedures.catalogue import PROCEDURES, checks_of, in_order
from liveupdate.readiness.catalogue import CHECK_OF
from portal.lib.errors import Invalid

DISKS = Ask("disks", "Disks", "Which.", words.disk, required=False, many=True)
HOW = Ask("how", "How", "Whichever.", str, choices=(("slow", "Slowly"), ("fast", "Fast")))


@pytest.mark.parametrize(
    ("ask", "text", "held"),
    [
        (MEDIA, " nim01:/export/lpp ", "nim01:/export/lpp"),
        (TARGET_LEVEL, "7200-05-04-2220", "7200-05-04-2220"),
        (DISKS, "", ""),
        (DISKS, "hdisk3\r\n\n  hdisk4 \n", "hdisk3\nhdisk4"),
        (HOW, "fast", "fast"),
    ],
)
def test_what_is_said_is_kept_as_plans_hold_it(ask: Ask, text: str, held: str) -> None:
    assert ask.read(text) == held


@pytest.mark.threat("T1")
@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("ask", "text", "said"),
    [
        (MEDIA, "  ", "has to be said"),
        (MEDIA, "nim01:/a\nnim01:/b", "one value"),
        (MEDIA, "nim01:/x; rm -rf /", "rm -rf"),
        (DISKS, "hdisk3\n$(reboot)", "reboot"),
        (HOW, "sideways", "not among the choices"),
    ],
)
def test_what_no_plan_may_hold_is_refused(ask: Ask, text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        ask.read(text)


def test_every_procedure_can_be_asked_for_on_the_form() -> None:
    """Its asks have names of their own, its checks exist, and each stands among those of its purpose."""
    assert len(in_order()) == len(PROCEDURES)
    for procedure in in_order():
        names = [ask.name for ask in procedure.asks]
        assert len(set(names)) == len(names), procedure.name
        assert not set(names) & set(RequestForm.base_fields), procedure.name
        assert procedure.checks <= set(CHECK_OF), procedure.name
        assert (checks_of(procedure.name) is None) == procedure.moves_workload
        assert RequestForm(asked=procedure, needed=[Consent.REMOVE_IFIXES]).as_p()
