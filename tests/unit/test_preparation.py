"""Each preparation of handbook 5.1: what it sends, what proves it, and how 5.2 takes it back."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from inventory.facts.base import Output, Reading
from liveupdate.engine.judge import Outcome, judge
from liveupdate.lpar.consents import Consent
from liveupdate.lpar.subject import ListedAgent
from liveupdate.procedures import words
from liveupdate.procedures.catalogue import render
from liveupdate.procedures.step import Plan, Step, WriteFile
from liveupdate.readiness.base import FindingState, examine
from liveupdate.readiness.catalogue import CHECKS
from tests.golden_plans import assert_golden
from tests.unit.plan_subject import MOUNT_HEAD, PS_HEAD, SRC_HEAD, hosts, subject

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ALL = frozenset(consent.value for consent in Consent)
OLD: dict[str, str | None] = {
    "oslevel": "7200-02-02-1810\n",
    "notification_scripts": "orig,LVUP_CHECK,7:\n        STOP_PFCD = /opt/triton/daemon-stop\n"
    "orig,LVUP_CHECK,8:\n        AUTOFS_UMOUNT = /usr/lpp/nfs/autofs/autofs_lku orig\n",
}
PFC: dict[str, str | None] = {"lssrc": SRC_HEAD + " pfcdaemon                                  inoperative\n"}
CACHEFS = "nfs01    /iso/x           /iso             cachefs Nov 07 19:11 ro,bg           \n"


def planned(changes: dict[str, str | None]) -> Plan:
    return render("local_live_update", subject(changes), hosts(), "hmc01-liveupdate", ALL)


def lines(steps: tuple[Step, ...]) -> list[str]:
    return [s.action.command.display() for s in steps if not isinstance(s.action, WriteFile)]


@dataclass(frozen=True)
class Row:
    """A state of the LPAR with the commands it asks for, in this order, before and after the update."""

    facts: dict[str, str | None]
    before: tuple[str, ...]
    after: tuple[str, ...]


ROWS = {
    "autofs script": Row(
        OLD,
        (
            "lvupdateRegScript -l",
            "lvupdateRegScript -r -n AUTOFS_UMOUNT -d orig -P LVUP_CHECK",
            "lvupdateRegScript -l",
        ),
        (
            "lvupdateRegScript -a -n AUTOFS_UMOUNT -d orig -P LVUP_CHECK "
            "-s '/usr/lpp/nfs/autofs/autofs_lku orig' -p 8",
            "lvupdateRegScript -l",
        ),
    ),
    "ip security": Row(
        {"ipsec": "ipsec_v4 Available  IP Version 4 Security Extension\n"},
        (
            "lsdev -Cc ipsec",
            "lsfilt -v4 -O",
            "mkdir -p /var/adm/ras/lu-portal-filters/ipsec_v4",
            "expfilt -v4 -f /var/adm/ras/lu-portal-filters/ipsec_v4",
            "mkfilt -v4 -d",
            "rmdev -dl ipsec_v4 -R",
        ),
        (
            "mkdev -c ipsec -t 4",
            "impfilt -v4 -f /var/adm/ras/lu-portal-filters/ipsec_v4",
            "mkfilt -v4 -u",
            "lsfilt -v4 -O",
            "lsdev -Cc ipsec",
        ),
    ),
    "workload partition": Row(
        {"wpars": "wpar1:A\n"},
        ("stopwpar -F wpar1", "lswpar -c -q -a name,state"),
        ("startwpar wpar1", "lswpar -c -q -a name,state"),
    ),
    "unsupported mount": Row(
        {"mount": MOUNT_HEAD + CACHEFS},
        ("umount /iso",),
        ("mount -v cachefs -n nfs01 -o ro,bg /iso/x /iso", "mount"),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_handbook(name: str) -> None:
    row, plain, plan = ROWS[name], planned({}), planned(ROWS[name].facts)
    assert _added(lines(plan.steps), lines(plain.steps)) == list(row.before)
    assert _added(lines(plan.restoration), lines(plain.restoration)) == list(row.after)


def _added(with_it: list[str], without: list[str]) -> list[str]:
    """What stands in one list beyond the other, which it holds in the same order."""
    rest, added = list(without), []
    for line in with_it:
        if rest and rest[0] == line:
            rest.pop(0)
        else:
            added.append(line)
    assert not rest
    return added


def proof(plan: Plan, step_id: str) -> Step:
    return next(step for step in plan.all_steps if step.id == step_id)


@pytest.mark.parametrize(
    ("facts", "step", "printed", "met"),
    [
        (PFC, "pfc_daemon_runs", SRC_HEAD + " pfcdaemon                      inoperative\n", False),
        (PFC, "pfc_daemon_runs", SRC_HEAD + " pfcdaemon      7012860         active\n", True),
        (OLD, "autofs_script_is_out", OLD["notification_scripts"], False),
        (OLD, "autofs_script_is_out", "orig,LVUP_CHECK,7:\n        STOP_PFCD = /x\n", True),
        (OLD, "autofs_script_orig_lvup_check_is_back", OLD["notification_scripts"], True),
        (OLD, "autofs_script_orig_lvup_check_is_back", "orig,LVUP_CHECK,7:\n    AUTOFS_UMOUNT = /x\n", False),
        ({"wpars": "wpar1:A\n"}, "wpar_wpar1_is_stopped", "wpar1:A\nwpar10:D\n", False),
        ({"wpars": "wpar1:A\n"}, "wpar_wpar1_is_stopped", "wpar1:D\n", True),
        ({"wpars": "wpar1:A\n"}, "wpar_wpar1_is_back", "wpar1:D\n", False),
        ({"mount": MOUNT_HEAD + CACHEFS}, "file_system_1_is_back", MOUNT_HEAD + CACHEFS, True),
        (
            {"mount": MOUNT_HEAD + CACHEFS},
            "file_system_1_is_back",
            MOUNT_HEAD + CACHEFS.replace("ro,bg", "bg,ro,hard"),
            True,
        ),
        (
            {"mount": MOUNT_HEAD + CACHEFS},
            "file_system_1_is_back",
            MOUNT_HEAD + CACHEFS.replace("ro,bg", "rw,bg"),
            False,
        ),
        ({}, "hmc_session_is_gone", "", True),
        ({}, "hmc_session_is_gone", "Address  : 10.254.0.5\nUser name: liveupdate\nPort     : 1\n", False),
        ({}, "media_is_unmounted", MOUNT_HEAD, True),
        ({}, "media_is_unmounted", MOUNT_HEAD + "nim01 /export/x  /mnt  nfs3 Nov 07 19:11 ro\n", False),
    ],
)
def test_what_proves_it(facts: dict[str, str | None], step: str, printed: str, met: bool) -> None:
    assert judge(proof(planned(facts), step).expect, Outcome(0, [printed.encode()])).met is met


def test_what_is_back_equals_what_was_recorded() -> None:
    plan = planned(ROWS["ip security"].facts)
    for back, before in (
        ("ipsec_v4_filters_are_back", "ipsec_v4_filters_before"),
        ("ip_security_is_back", "ip_security_before"),
    ):
        assert proof(plan, back).expect.equals_saved == before
        assert lines((proof(plan, back),)) == lines((proof(plan, before),))


def test_the_autofs_script_stays_where_it_is_delivered() -> None:
    assert "AUTOFS_UMOUNT" not in " ".join(lines(planned(OLD | {"oslevel": "7200-02-02-1832\n"}).steps))


def test_a_daemon_that_starts_slowly_is_waited_for() -> None:
    plan = planned(PFC)
    step = proof(plan, "pfc_daemon_runs")
    assert (lines((step,)), step.patience_s) == (["lssrc -s pfcdaemon"], 300)


def test_golden() -> None:
    assert_golden(planned(OLD), "autofs_script")


ZABBIX = "  zabbix  9961730        1   0   Oct 02      -  0:10 /opt/zabbix/sbin/zabbix_agentd -c /etc/z\n"
CHILD = "  zabbix  9961731  9961730   0   Oct 02      -  0:10 zabbix_agentd: collector\n"
TOPAS = "    root  9961740        1   0   Oct 02      -  0:10 /usr/bin/topas_nmon -f -t\n"
OWN = ListedAgent("zabbix_agentd", "commands", ("/z", "stop"), ("/z", "start"))
SRC = ListedAgent("dsmcad", "subsystem")


def agents_of(rows: str, *listed: ListedAgent, src: str = "") -> Plan:
    facts = {"processes": PS_HEAD + rows, "lssrc": SRC_HEAD + src}
    lpar = subject(facts, agents=listed)
    return render("local_live_update", lpar, hosts(), "hmc01-liveupdate", ALL)


def test_agents_stop_in_the_order_of_the_list_and_start_in_the_reverse_one() -> None:
    plan = agents_of(ZABBIX, SRC, OWN, src=" dsmcad    backup    9896196      active\n")
    assert _added(lines(plan.steps), lines(planned({}).steps)) == [
        "stopsrc -s dsmcad",
        "lssrc -s dsmcad",
        "/z stop",
        "ps -ef",
    ]
    assert _added(lines(plan.restoration), lines(planned({}).restoration)) == [
        "/z start",
        "ps -ef",
        "startsrc -s dsmcad",
        "lssrc -s dsmcad",
    ]
    assert plan.parameters["agents_stopped"] == ["dsmcad", "zabbix_agentd"]
    assert proof(plan, "agent_zabbix_agentd_stopped").cures == ("RQ-161", "RQ-168")
    assert proof(plan, "agent_dsmcad_stopped").cures == ("RQ-167",)


def test_only_listed_agents_that_run_are_stopped() -> None:
    plan = agents_of(TOPAS, SRC, OWN, src=" dsmcad    backup                 inoperative\n")
    assert lines(plan.steps) == lines(planned({}).steps)


@pytest.mark.parametrize(
    ("row", "runs"),
    [
        (ZABBIX, True),
        (CHILD, True),
        ("    root  1  1   0 10:11:12  pts/0  0:00 /usr/bin/ksh /opt/bin/zabbix_agentd\n", True),
        ("    root  1  1   0 10:11:12  pts/0  0:00 vi /etc/zabbix_agentd\n", False),
        ("    root  1  1   0 10:11:12  pts/0  0:00 /opt/zabbix/sbin/zabbix_agentd2 -c x\n", False),
        ("    root  1  1   0 10:11:12  pts/0  0:00 tail -f zabbix_agentd\n", False),
    ],
)
def test_whether_an_agent_still_runs(row: str, runs: bool) -> None:
    plan = agents_of(ZABBIX, OWN)
    seen = Outcome(0, [(PS_HEAD + row).encode()])
    assert judge(proof(plan, "agent_zabbix_agentd_is_stopped").expect, seen).met is not runs
    assert judge(proof(plan, "agent_zabbix_agentd_is_back").expect, seen).met is runs


@pytest.mark.parametrize(
    ("check_id", "rows", "listed", "said"),
    [
        ("RQ-168", ZABBIX + CHILD, (OWN,), ""),
        ("RQ-168", ZABBIX + TOPAS, (OWN,), "Not on the approved list of agents: topas_nmon (9961740)."),
        ("RQ-168", ZABBIX, (), "Not on the approved list of agents: zabbix_agentd (9961730)."),
        ("RQ-161", ZABBIX, (OWN,), ""),
        ("RQ-161", TOPAS, (OWN,), "Not on the approved list of agents: topas_nmon (9961740)."),
        ("RQ-169", "    root  7  1  0 Oct 02  -  0:10 truss -p 1\n", (OWN,), "agents: truss (7)."),
    ],
)
def test_readiness_says_which_agents_the_plan_stops(
    check_id: str, rows: str, listed: tuple[ListedAgent, ...], said: str
) -> None:
    check = next(check for check in CHECKS if check.id == check_id)
    facts = {"processes": PS_HEAD + rows, "proc_users": None}
    lpar = subject(facts, agents=listed)
    lpar.facts.add(
        Reading("proc_users", "", "pay01", "lsof", Output("", "ksh: lsof:  not found.\n", 127), NOW)
    )
    outcome = examine(check, lpar).outcome
    assert outcome.state is not FindingState.UNKNOWN, outcome
    assert (outcome.curable, outcome.consent) == ((True, "stop_agents") if not said else (False, ""))
    assert said in outcome.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/opt/z/agent stop", ("/opt/z/agent", "stop")),
        ("/opt/z/agent 'two words; $x'", ("/opt/z/agent", "two words; $x")),
        ("", None),
        ("agent stop", None),
        ("/opt/../agent stop", None),
        ("/opt/z/agent 'stop", None),
        ("/opt/z/agent \x1b[31m", None),
    ],
)
def test_own_commands_are_words(text: str, found: tuple[str, ...] | None) -> None:
    if found is None:
        with pytest.raises(words.BadWord):
            words.own_command(text)
    else:
        assert words.own_command(text) == found


def test_disks_that_were_mapped_are_found() -> None:
    plan = render("find_disks", subject(), hosts(), "", frozenset())
    assert_golden(plan, "plain")
    assert lines(plan.steps) == ["lspv", "cfgmgr -v", "lspv"]
    seen = "".join(f"{name} 00fa343b8f050a76 None\n" for name in plan.parameters["disks_before"])
    assert judge(proof(plan, "disks_after").expect, Outcome(0, [f"{seen}hdisk12 none None\n".encode()])).met
    assert not judge(proof(plan, "disks_after").expect, Outcome(0, [seen[7:].encode()])).met
