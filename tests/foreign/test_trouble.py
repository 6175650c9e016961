"""What foreign machines do wrong: the run stops before harm, and what was not understood is shown."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.models import HostKey
from inventory.transport import Endpoint, connect
from inventory.transport.errors import HostKeyChanged, TransportError
from liveupdate.actions.runs import start_run
from liveupdate.engine.execution import execute
from liveupdate.models import Request, Run
from liveupdate.states import RequestState, RunState, Verdict
from tests.foreign.machine import Machine
from tests.foreign.world import World

pytestmark = [pytest.mark.openssh, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

AIX72 = ("10.20.30.40:/export/7200-05-04_full", "7200-05-04-2220")
AIX73 = ("nim-3.corp:/export/73", "7300-03-01-2520", "trusted_execution_off", "remove_ifixes")
REFUSED = """\
+-----------------------------------------------------------------------------+
                    Live Update Requirement Verification...
+-----------------------------------------------------------------------------+
FAILURES
--------
1430-134 FAILED: The following files are open in /proc: 9830822 /proc/9830822/psinfo
1430-025 The live update cannot be performed.

  << End of Failure Section >>
+-----------------------------------------------------------------------------+
                    Live Update Preview Summary...
+-----------------------------------------------------------------------------+
The live update preview failed.
"""
FRENCH = """\
#Nom du module:Ensemble de fichiers:Niveau:Etat:ID PTF:Etat du correctif:Type:Description:Rép. de dest.\
:Prog. désinst.:Catalogue messages:Ens. messages:N° message:Parent:Automatique:Verrouillé:Chemin:Date
bos.liveupdate:bos.liveupdate.rte:7.2.5.101: : :C:F:Live Update Runtime: : : : : : :0:0:/:2148
"""
GARBAGE = "oslevel: 0653-000 Certains ensembles de fichiers ne sont pas trouvés.\n"
Make = Callable[..., World]


def evidence(request: Request, check: str) -> str:
    (finding,) = [each for each in request.findings if each["id"] == check]
    assert finding["state"] == "unknown"
    return "\n".join(line for seen in finding["evidence"] for line in seen["lines"])


def test_without_the_previews_sentence_nothing_is_updated(make: Make) -> None:
    made = make("aix72", answers={"geninstall preview": {"stdout": REFUSED, "status": 0}})
    run = made.run(made.planned(*AIX72))
    assert run.state == RunState.FAILED
    assert "Preview" in run.outcome and "1430-134" in run.outcome
    assert not made.aix.state("updates") and run.point_of_no_return_at is None
    assert not made.aix.state("session") and not made.aix.state("mounted")


@pytest.mark.parametrize(
    ("answer", "check", "raw"),
    [("oslevel -s", "RQ-001", GARBAGE), ("lslpp -Lc", "RQ-004", FRENCH)],
    ids=["level", "filesets"],
)
def test_what_is_not_understood_is_unknown_and_shown(make: Make, answer: str, check: str, raw: str) -> None:
    made = make("aix72", crlf=False, answers={answer: raw})
    request = made.planned(*AIX72)
    assert (request.state, request.verdict, request.plan) == (RequestState.BLOCKED, Verdict.UNKNOWN, None)
    assert raw.splitlines()[0] in evidence(request, check)
    made.lpar.refresh_from_db()
    assert made.lpar.level in ("", "7200-05-03-2148")


def test_a_wrong_password_of_the_hmc_is_found_before_anything_is_lost(make: Make) -> None:
    made = make("aix73")
    made.aix.remember("hmc_password", "another one")
    run = made.run(made.planned(*AIX73))
    assert run.state == RunState.FAILED
    assert "PMCSS00G" in run.outcome
    assert made.aix.state("ifix") and made.aix.state("te") == "TE=ON\n"
    assert not made.aix.state("te.on") and not made.aix.state("mounted")


def test_another_host_key_after_the_approval_stops_the_run(make: Make) -> None:
    made = make("aix72")
    request = made.approved(made.planned(*AIX72))
    sent = made.aix.commands()
    shown = _another_key(made.aix)
    run = start_run(request.pk)
    execute(run.pk, "w1")
    run = Run.objects.get(pk=run.pk)
    assert run.state == RunState.NEEDS_PERSON
    assert "key" in run.reason
    assert made.aix.commands() == sent
    assert HostKey.objects.get(host=made.lpar.host, fingerprint=shown).state == HostKey.State.CHANGED


def _another_key(running: Machine) -> str:
    """Let the machine's sshd show another key of the pinned kind; its fingerprint."""
    pinned, key = running.fingerprint, Path(running.server.directory) / "host_ed25519"
    for file in (key, key.with_suffix(".pub")):
        file.unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    running.server.process.send_signal(signal.SIGHUP)
    endpoint: Endpoint = running.server.endpoint(host_key=pinned)
    for _ in range(100):
        try:
            connect(endpoint).close()
        except HostKeyChanged:
            return running.fingerprint
        except TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("sshd still shows the old key")
