"""The catalogue of facts: complete, unambiguous, and each with the handbook's command."""

from typing import Any

import pytest

from inventory.command import aix
from inventory.facts.base import Fact, HostKind, Output
from inventory.facts.catalogue import FACTS, by_name, fact_named, facts_of

COMMANDS = {
    "oslevel": "oslevel -s",
    "uname_l": "uname -L",
    "proc_version": "cat /proc/version",
    "date": "date",
    "lslpp": "lslpp -Lc",
    "emgr_packages": "emgr -P",
    "emgr_list": "emgr -l",
    "ifix_package": "emgr -d -e '/ifixes/a b.epkg.Z' -v2",
    "trustchk": "trustchk -p",
    "secorder": "lssec -f /etc/nscontrol.conf -s tsddat -a secorder",
    "ipsec": "lsdev -Cc ipsec",
    "audit_query": "audit query",
    "audit_config": "grep -p '^start:' /etc/security/audit/config",
    "security_profile": "pscxpert -t",
    "netwlm": "lsitab rcnetwlm",
    "wlm": "wlmcntrl -q",
    "lssrc": "lssrc -a",
    "kernel_extensions": "genkex",
    "safe_extensions": "lvupdateSafeKE -l",
    "notification_scripts": "lvupdateRegScript -l",
    "wpars": "lswpar -c -q -a name,state",
    "processes": "ps -ef",
    "proc_users": "lsof /proc",
    "stale_libraries": "genld -u",
    "errpt": "errpt -N LVUPDATE",
    "liveupdate_cf": "ls -l /var/adm/ras/liveupdate/liveupdate.cf",
    "domainname": "domainname",
}


def text(output: Output) -> str:
    return output.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_command_is_the_documented_one(name: str) -> None:
    parameters = ["/ifixes/a b.epkg.Z"] if fact_named(name).params else []
    command = fact_named(name).build(*parameters)
    assert command.display() == COMMANDS[name]
    assert command.wire() == f"LC_ALL=C {COMMANDS[name]}"


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_every_fact_builds_from_its_params(fact: Fact[Any]) -> None:
    command = fact.build(*(f"some{name}" for name in fact.params))
    assert all(f"some{name}" in " ".join(command.argv) for name in fact.params)
    assert command.locale is (fact.host is not HostKind.HMC)


def test_facts_of_a_host_are_all_of_that_host() -> None:
    parts = [facts_of(host) for host in HostKind]
    assert sorted(fact.name for part in parts for fact in part) == [fact.name for fact in FACTS]
    assert fact_named("oslevel") in facts_of(HostKind.LPAR)


def test_two_facts_of_one_name_are_refused() -> None:
    twins = [Fact("twin", HostKind.LPAR, lambda: aix("date"), text) for _ in range(2)]
    with pytest.raises(ValueError, match="Two facts are named twin"):
        by_name(twins)


def test_an_unknown_name_is_no_fact() -> None:
    with pytest.raises(KeyError):
        fact_named("nothing")
