"""Plans that make the rollback clone, go back to it, and give it up; and what they refuse."""

from datetime import UTC, datetime

import pytest

from liveupdate.lpar.clone import doubt_of_clone
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import CloneRecord, Subject
from liveupdate.procedures.catalogue import PROCEDURES, CannotPlan, render, summary
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import OnFailure, Plan, Run, Step, StepHost
from portal.lib.canonical import canonical_json
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import LSPV, POLICIES, hosts, subject

ALL = frozenset(consent.value for consent in Consent)
NO_CLONE = LSPV.replace("altinst_rootvg", "None")
MADE = CloneRecord(level="7200-05-03-2148", made_at=datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
AFTER = LSPV.replace("rootvg          active", "old_rootvg", 1).replace(
    "altinst_rootvg", "rootvg          active"
)


def plan(name: str, lpar: Subject, consents: frozenset[str] = ALL, *, case: str = "") -> Plan:
    rendered = render(name, lpar, hosts(), "hmc01-liveupdate", consents)
    if case:
        assert_golden(rendered, case)
    document = canonical_json(rendered.document())
    assert read_plan(document.decode()) == rendered
    assert summary(rendered)
    return rendered


def refusal(name: str, lpar: Subject, consents: frozenset[str] = ALL) -> str:
    with pytest.raises(CannotPlan) as refused:
        render(name, lpar, hosts(), "hmc01-liveupdate", consents)
    return " ".join(refused.value.reasons)


def step(rendered: Plan, step_id: str) -> Step:
    return next(each for each in rendered.all_steps if each.id == step_id)


def line(rendered: Plan, step_id: str) -> str:
    action = step(rendered, step_id).action
    assert isinstance(action, Run)
    return action.command.display()


def ids(rendered: Plan) -> list[str]:
    return [each.id for each in rendered.steps]


def test_a_clone_is_made_on_the_designated_disk_and_the_boot_list_is_left_alone() -> None:
    rendered = plan("rollback_clone", subject({"lspv": NO_CLONE}), frozenset())
    assert line(rendered, "clone_made") == "alt_disk_copy -B -d hdisk11"
    assert ids(rendered).index("boot_list_before") < ids(rendered).index("clone_made")
    assert step(rendered, "boot_list_kept").expect.equals_saved == "boot_list_before"
    assert rendered.parameters["clone"] == ["hdisk11"]
    assert set(rendered.hosts) == {StepHost.LPAR}


def test_trusted_execution_is_off_while_the_clone_is_made_and_on_again_afterwards() -> None:
    rendered = plan(
        "rollback_clone",
        subject({"lspv": NO_CLONE, "trustchk": POLICIES.format(te="ON")}),
        case="trusted_execution",
    )
    order = ids(rendered)
    assert order.index("trusted_execution_is_off") < order.index("clone_made")
    assert [each.id for each in rendered.restoration] == [
        "boot_list_back",
        "boot_list_is_back",
        "trusted_execution_on",
        "trusted_execution_is_back",
    ]


def test_an_old_clone_is_replaced_with_consent_only() -> None:
    lpar = subject()
    assert Consent.REPLACE_CLONE.value not in plan("rollback", lpar).parameters["consents"]
    assert "hdisk11 holds the present clone" in refusal("rollback_clone", lpar, frozenset())
    rendered = plan("rollback_clone", lpar, case="replaced")
    assert line(rendered, "clone_removed") == "alt_rootvg_op -X altinst_rootvg"
    assert ids(rendered).index("clone_removed") < ids(rendered).index("clone_made")
    assert any("there is no way back" in warning for warning in rendered.warnings)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("hdisk1", "hdisk1 belongs to datavg"),
        ("hdisk99", "hdisk99 is no disk of this LPAR"),
        ("hdisk2\nhdisk10", "rootvg has 1 disk(s), and 2 are named"),
        ("hdisk0", "hdisk0 belongs to rootvg"),
    ],
)
def test_disks_that_cannot_take_the_clone_are_refused(asked: str, says: str) -> None:
    lpar = subject({"lspv": NO_CLONE}, choices={"clone_disks": asked})
    assert says in refusal("rollback_clone", lpar)


def test_without_a_designated_disk_a_free_one_is_taken_that_no_update_needs() -> None:
    fourth = "hdisk12 00c2fcc8dfe729fe None\n"
    sizes = {f"disk_size hdisk{number}": "61440\n" for number in (11, 12)}
    lpar = subject({"lspv": NO_CLONE + fourth, **sizes}, rollback_clone_disk="")
    assert plan("rollback_clone", lpar).parameters["clone"] == ["hdisk11"]
    none = subject({"lspv": NO_CLONE.replace("None", "datavg")}, rollback_clone_disk="")
    assert "No disk is free" in refusal("rollback_clone", none)


@pytest.mark.parametrize(
    ("record", "doubt"),
    [
        (CloneRecord(), ""),
        (CloneRecord(own_only=True), "its level and age are not known"),
        (MADE, ""),
        (CloneRecord("7200-05-02-2114", MADE.made_at), "is of 7200-05-02-2114, and 7200-05-03-2148"),
        (CloneRecord(MADE.level, datetime(2026, 10, 1, tzinfo=UTC)), "is 55 days old; after 30"),
    ],
)
def test_no_level_is_changed_without_a_clone_that_leads_back(record: CloneRecord, doubt: str) -> None:
    lpar = subject(clone=record)
    assert doubt in doubt_of_clone(lpar) and bool(doubt_of_clone(lpar)) is bool(doubt)
    if doubt:
        assert doubt in refusal("local_live_update", lpar)
    else:
        made_elsewhere = record.made_at is None
        warnings = " ".join(plan("local_live_update", lpar).warnings)
        assert ("not made by a run of this portal" in warnings) is made_elsewhere
        assert "nothing can be rejected afterwards" in warnings


def test_rollback_says_what_is_lost_and_proves_what_comes_back() -> None:
    after_update = subject({"oslevel": "7200-05-04-2220\n"}, clone=MADE)
    rendered = plan("rollback", after_update, frozenset(), case="after_an_update")
    assert "20 Nov 2026 08:00 UTC" in " ".join(rendered.warnings)
    order = ids(rendered)
    assert order.index("boot_list_is_clone") + 1 == order.index("restart")
    restart = step(rendered, "restart")
    assert restart.restarts and not restart.reversible and line(rendered, "restart") == "shutdown -Fr"
    assert step(rendered, "level_after").expect.has == (r"^7200-05-03-2148\s*$",)
    assert step(rendered, "kernel_after").expect.lacks
    assert step(rendered, "disks_after").on_failure is OnFailure.RESTORE
    assert step(rendered, "hmc_after").patience_s > 0
    (back,) = rendered.restoration
    assert back.undoes == "boot_list_clone"


def test_rollback_needs_a_clone() -> None:
    assert "Make one first" in refusal("rollback", subject({"lspv": NO_CLONE}))
    assert "Make one first" in refusal("rollback", subject(rollback_clone_disk=""))


@pytest.mark.parametrize(
    ("name", "facts", "command"),
    [
        ("remove_clone", {}, "alt_rootvg_op -X altinst_rootvg"),
        (
            "remove_old_rootvg",
            {"lspv": AFTER, "bootlist": "hdisk11 blv=hd5 pathid=0\n"},
            "alt_rootvg_op -X old_rootvg",
        ),
    ],
)
def test_what_is_no_longer_needed_goes_and_never_what_the_lpar_starts_from(
    name: str, facts: dict[str, str | None], command: str
) -> None:
    assert line(plan(name, subject(facts), case="signed_off"), "removed") == command
    kept = subject(facts, clone=CloneRecord(needed_for="Nobody has signed off run 7."))
    assert "Nobody has signed off run 7." in refusal(name, kept)
    disk = "hdisk11" if name == "remove_clone" else "hdisk0"
    boots = subject({**facts, "bootlist": f"{disk} blv=hd5 pathid=0\n"})
    assert "the next restart would start" in refusal(name, boots)


def test_what_a_live_update_left_goes_only_while_nothing_uses_it() -> None:
    left = LSPV.replace("00fa343b8f01b1e2                    None", "00fa343b8f01b1e2  lvup_rootvg")
    rendered = plan("remove_leftovers", subject({"lspv": left}), case="of_the_last_update")
    assert line(rendered, "leftovers_removed") == "clvupdate -v"
    (branch,) = rendered.branches
    assert branch.after == "leftovers_removed"
    online = subject({"lspv": left.replace("lvup_rootvg", "lvup_rootvg active")})
    assert "varied on" in refusal("remove_leftovers", online)
    assert "lspv shows no lvup_rootvg" in refusal("remove_leftovers", subject())


def test_safeguards_make_no_surrogate() -> None:
    for name in ("rollback_clone", "rollback", "remove_clone", "remove_old_rootvg", "remove_leftovers"):
        assert not PROCEDURES[name].moves_workload
