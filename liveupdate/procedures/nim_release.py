"""Gives back what NIM still holds for an LPAR when nothing of an update runs there any more (F25, F37).

A NIM operation that broke off can leave the client busy, and `live_update_data` or an lpp_source allocated
to it; the next Live Update through NIM would be refused (0042-207).
"""

from inventory.command import aix
from inventory.facts.nim_objects import NimStanza
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import nim, nim_client, words
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, change, look, once
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, Run, StepHost
from liveupdate.states import LparState

NAME = "nim_release"
VERSION = 1
KINDS = ("live_update_data", "lpp_source")
"""Resources that an update through NIM allocates to its client."""
ROLES = (StepHost.LPAR, StepHost.NIM_MASTER)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for one LPAR. Raises CannotPlan."""
    recipe = Recipe(NAME, VERSION, parts=(release,), roles=ROLES, watched=False, needs_credential=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def release(draft: Draft) -> None:
    """Proof of rest on the LPAR, then what is held is given back, and NIM is ready again."""
    name, own = nim_client.client_object(draft)
    held = {kind: words.nim_object(own.get(kind)) for kind in KINDS if own.get(kind)}
    ready = own.get("Cstate") == "ready for a NIM operation"
    if ready and not held:
        draft.refuse(f"NIM is ready for {name} and holds nothing for it.")
        return
    if not ready and "custom" not in own.get("Cstate"):
        draft.refuse(
            f"NIM has another operation in hand for {name}: {own.get('Cstate') or 'it does not say which'}."
        )
        return
    draft.parameters |= {"nim_client": name, "held": held, "why": _why(name, own, held, ready=ready)}
    draft.add(
        look(
            "lpar_at_rest",
            Phase.CHECK,
            f"Prove that nothing of an update runs on {draft.subject.name}",
            "What NIM began there goes on without NIM.",
            aix("ps", "-ef"),
            expect=Expect(has=(r"^\s*UID\s+PID\b",), lacks=(nim.AT_WORK,)),
        )
    )
    if not ready:
        draft.add(
            change(
                "nim_client_reset",
                Phase.UPDATE,
                f"Reset {name} in NIM",
                f"NIM says: {own.get('Cstate') or 'nothing'}.",
                Run(aix("nim", "-Fo", "reset", name)),
                deadline_s=300,
                host=StepHost.NIM_MASTER,
            )
        )
    for kind, resource in held.items():
        draft.add(
            once(
                f"{kind}_given_back",
                Phase.UPDATE,
                f"Give {resource} back",
                "Nobody else can have it while it is allocated (0042-207).",
                aix("nim", "-o", "deallocate", "-a", f"{kind}={resource}", name),
                deadline_s=300,
                host=StepHost.NIM_MASTER,
            )
        )
    draft.add(
        look(
            "nim_holds_nothing",
            Phase.VERIFY,
            f"Prove that NIM is ready for {name} and holds nothing for it",
            "The next update through NIM needs both.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(nim_client.READY,), lacks=tuple(rf"^\s*{kind}\s*=\s*\S" for kind in KINDS)),
            host=StepHost.NIM_MASTER,
        )
    )


def _why(name: str, own: NimStanza, held: dict[str, str], *, ready: bool) -> str:
    parts = [] if ready else [f"NIM says of {name}: {own.get('Cstate') or 'nothing'}."]
    parts += [f"NIM holds {', '.join(held.values())} for {name}."] if held else []
    return " ".join(parts)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    return f"Give back what NIM holds for {plan.lpar['name']}: {plan.parameters['why']}"


PROCEDURE = Procedure(
    name=NAME,
    title="Give back what NIM holds for an LPAR",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.REPAIR,
    moves_workload=False,
    states=frozenset(LparState) - {LparState.UPDATING},
    changes_nim=True,
)
