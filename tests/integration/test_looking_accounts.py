"""A host's account for looking, on the lab: it reads what anyone may, and can do nothing else (threat T7)."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import cast

import paramiko
import pytest

from inventory.accounts import AccountClass, account_class
from inventory.actions.facts import refresh_facts, stored_facts
from inventory.actions.imports import import_hosts
from inventory.facts.catalogue import fact_named
from inventory.lab.estate import RunningLab, running_lab
from inventory.models import FactReading, Host, Lpar
from liveupdate.actions.looks import lpar_with_hosts
from liveupdate.actions.runs import start_run
from liveupdate.actions.starting import start_by
from liveupdate.control.drift import Rule
from liveupdate.engine.contact import Contact
from liveupdate.engine.execution import execute
from liveupdate.engine.journal import Journal
from liveupdate.models import FoundDrift, Request, Run, RunCommand
from liveupdate.procedures.catalogue import checks_of
from liveupdate.procedures.document import read_plan
from liveupdate.procedures.step import StepHost, StepKind
from liveupdate.readiness.catalogue import Assessment, assess
from liveupdate.records.subjects import plan_hosts, subject_of_lpar
from liveupdate.states import RequestState, RunState, Verdict
from portal.access.models import User
from portal.audit.actor import Actor
from portal.audit.models import Intake
from tests.fleet import make_fleet
from tests.lab_estate import Estate, import_lab
from tests.lab_ssh import session

pytestmark = [pytest.mark.threat("T7"), pytest.mark.django_db]
LOOKER = "luview"
WORKER = Actor.worker("w1")
COLUMNS = ("looking_account", "looking_credential", "looking_credential_reference", "reads_beyond_looking")
HOSTS = ("pay01", "hmc01", "nim01")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("lab"), speed=600) as running:
        yield running


@pytest.fixture
def estate(lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("LAB_HMC_PASSWORD", lab.description["hmc_password"])
    return import_lab(lab)


def look_as(lab: RunningLab, *, beyond: bool) -> None:
    """Import the lab's hosts once more, each with its account for looking."""
    rows = list(csv.DictReader(io.StringIO((lab.directory / "inventory.csv").read_text())))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0], *COLUMNS])
    writer.writeheader()
    for row in rows:
        if row["account"]:
            told = lab.host(row["name"])
            reference = f"file:{told['looking_key_file']}"
            said = (told["looking_account"], "lab-looking", reference, "yes" if beyond else "no")
            row |= dict(zip(COLUMNS, said, strict=True))
        writer.writerow(row)
    adm = User.objects.get(username="adm")
    actor = Actor.person(adm.public_id)
    done = import_hosts("again.csv", text.getvalue().encode(), actor=actor, person=adm, dry_run=False)
    assert (done.applied, done.problems) == (True, [])


def shells(lab: RunningLab) -> Counter[tuple[str, str]]:
    """How often each account gave each command text, on the hosts of pay01, by their truth logs."""
    logs = [lab.directory / "hosts" / name / "truth.log" for name in HOSTS]
    events = [json.loads(line) for log in logs if log.exists() for line in log.read_text().splitlines()]
    return Counter((each["account"], each["text"]) for each in events if each["event"] == "shell")


def assessed(lab: RunningLab) -> Assessment:
    """What a look at pay01 finds for a Live Update."""
    lpar = lpar_with_hosts(Lpar.objects.get(host__name="pay01").pk)
    media, level = lab.description["media"], lab.description["target_level"]
    facts = refresh_facts(lpar, WORKER)
    subject = subject_of_lpar(lpar, facts, media=media, target_level=level)
    return assess(subject, checks_of("local_live_update"))


def states(assessment: Assessment) -> dict[str, str]:
    return {finding.check.id: finding.state.value for finding in assessment.findings}


@pytest.mark.usefixtures("estate")
def test_nothing_of_looking_opens_a_session_as_root(lab: RunningLab) -> None:
    as_root = states(assessed(lab))
    look_as(lab, beyond=False)
    before = shells(lab)
    seen = assessed(lab)
    asked = shells(lab) - before
    assert {account for account, _ in asked} == {LOOKER}
    differs = {check: state for check, state in states(seen).items() if as_root[check] != state}
    assert set(differs.values()) == {"unknown"}
    assert seen.verdict == Verdict.UNKNOWN
    readings = FactReading.objects.filter(current=True, subject__name="pay01")
    assert {row.account for row in readings} == {LOOKER, ""}
    assert not readings.filter(account=LOOKER).exclude(state="ok").exists()
    unread = readings.get(fact="lvupdate_data")
    assert (unread.state, unread.status) == ("refused", None)
    assert "luview on pay01 may only look" in unread.problem


@pytest.mark.usefixtures("estate")
def test_by_exception_the_executing_account_reads_the_rest(lab: RunningLab) -> None:
    as_root = assessed(lab)
    look_as(lab, beyond=True)
    before = shells(lab)
    seen = assessed(lab)
    assert (seen.verdict, states(seen)) == (as_root.verdict, states(as_root))
    asked = shells(lab) - before
    for row in FactReading.objects.filter(current=True, subject__name="pay01").exclude(account=""):
        fact = fact_named(row.fact)
        looks = account_class(fact.build(*filter(None, row.key.split(","))), fact.host) is AccountClass.LOOK
        assert (row.account == LOOKER) is looks, row
    assert any(account == "root" and "lvupdate.data" in text for account, text in asked)
    assert {account for account, text in asked if "oslevel -s" in text} == {LOOKER}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pay01", "geninstall -k -d /mnt update_all"),
        ("pay01", "LC_ALL=C chsec -f /etc/nscontrol.conf -s tsddat -a secorder=files"),
        ("pay01", "emgr -r -L IJ1"),
        ("pay01", "mount nim01:/export /mnt"),
        ("pay01", "echo x > /etc/motd"),
        ("pay01", "echo `geninstall`"),
        ("pay01", "echo x\ngeninstall"),
        ("pay01", "sh -c geninstall"),
        ("pay01", "env geninstall"),
        ("pay01", "cat /etc/security/passwd"),
        ("nim01", "nim -o define -t standalone x"),
        ("hmc01", "chsysstate -m Server -r lpar -o shutdown -n pay01"),
        ("hmc01", "lssyscfg -r sys | rmsyscfg -r lpar -m Server -n pay01"),
        ("hmc01", "viosvrcmd -m Server -p vios1 -c 'rmdev -dev hdisk1'"),
    ],
)
def test_an_account_for_looking_that_was_taken_over_can_execute_nothing(
    lab: RunningLab, name: str, text: str
) -> None:
    before, world = len(lab.truth(name)), lab.world()
    with session(lab, name, looking=True) as taken:
        done = taken.run(text)
    assert done.status != 0
    assert (len(lab.truth(name)), lab.world()) == (before, world)


def test_an_account_for_looking_sees_no_file_over_sftp(lab: RunningLab) -> None:
    with session(lab, "pay01", looking=True) as taken:
        assert taken.client.open_sftp().listdir("/") == []
    with session(lab, "pay01") as root:
        assert "etc" in root.client.open_sftp().listdir("/")


def test_the_keys_of_the_two_accounts_do_not_open_each_other(lab: RunningLab) -> None:
    host = lab.host("pay01")
    for account, key in (("root", host["looking_key_file"]), (LOOKER, host["key_file"])):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        with pytest.raises(paramiko.AuthenticationException):
            client.connect(
                *(host["address"], host["port"], account),
                pkey=paramiko.Ed25519Key.from_private_key_file(key),
                look_for_keys=False,
                allow_agent=False,
            )


@pytest.mark.usefixtures("estate")
def test_what_is_dropped_of_a_host_is_every_session_on_it(lab: RunningLab) -> None:
    look_as(lab, beyond=True)
    hosts = plan_hosts(lpar_with_hosts(Lpar.objects.get(host__name="pay01").pk))
    lpar, hmc = hosts[StepHost.LPAR], hosts[StepHost.HMC].reached_as(AccountClass.LOOK)
    both = [lpar.reached_as(account) for account in AccountClass]
    assert {each.account for each in both} == {LOOKER, "root"}
    with Contact(cast("Journal", None), Run(state=RunState.RUNNING)) as contact:
        for each in (*both, hmc):
            contact.attempt(each, 10)
        contact.drop(both[0])
        assert [contact.ready(each) is not None for each in (*both, hmc)] == [False, False, True]


@pytest.mark.usefixtures("estate")
def test_an_import_with_the_columns_left_empty_takes_the_account_away(lab: RunningLab) -> None:
    look_as(lab, beyond=True)
    as_it_was = (lab.directory / "inventory.csv").read_bytes()
    adm = User.objects.get(username="adm")

    def again(content: bytes) -> str:
        done = import_hosts("a.csv", content, actor=Actor.person(adm.public_id), person=adm, dry_run=False)
        assert (done.applied, done.problems) == (True, [])
        return Host.objects.get(name="pay01").looking_account

    assert again(as_it_was) == LOOKER
    lines = as_it_was.decode().splitlines()
    emptied = "\n".join([f"{lines[0]},looking_account", *(f"{line}," for line in lines[1:])])
    assert again(emptied.encode()) == ""
    assert not Host.objects.exclude(looking_account="", looking_credential=None).exists()


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_a_run_looks_and_executes_as_its_plan_says(lab: RunningLab, estate: Estate) -> None:
    look_as(lab, beyond=True)
    request = estate.approved("pay01")
    assert request.plan is not None
    plan = read_plan(request.plan.document)
    before = shells(lab)
    run = start_run(request.pk)
    execute(run.pk, "w1")
    run.refresh_from_db()
    assert run.state == RunState.SUCCEEDED, run.outcome
    steps = {step.id: step for step in plan.all_steps}
    for command in RunCommand.objects.filter(run=run).select_related("step"):
        step = steps[command.step.key]
        looks = command.watch or step.account is AccountClass.LOOK
        executes = plan.hosts[StepHost.HMC if command.watch else step.host].account
        assert command.account == (LOOKER if looks else executes), command.line
        assert step.kind is StepKind.READ or step.account is AccountClass.EXECUTE
    entered = [json.loads(bytes(each.content)) for each in Intake.objects.filter(event="cmd.intent")]
    assert {each["d"]["host"]["account"] for each in entered} == {LOOKER, "root"}
    asked = shells(lab) - before
    assert not [text for account, text in asked if account == LOOKER and "geninstall" in text]


def test_another_account_for_looking_voids_the_approved_plan() -> None:
    fleet = make_fleet()
    request = fleet.approved()
    assert request.plan is not None
    held = read_plan(request.plan.document)
    assert held.hosts[StepHost.LPAR].looking is None
    host = request.lpar.host
    Host.objects.filter(pk=host.pk).update(looking_account=LOOKER, looking_credential=host.credential)
    request = Request.objects.select_related("team", "plan").get(pk=request.pk)
    request.lpar = lpar_with_hosts(request.lpar_id)
    start_by(stored_facts(request.lpar), request, WORKER)
    request.refresh_from_db()
    assert request.state == RequestState.PLANNING
    assert [found.outcome for found in FoundDrift.objects.all()] == [Rule.VOID]
