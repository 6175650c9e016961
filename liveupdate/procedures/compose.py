"""Makes a plan of a procedure's parts: what every procedure has in common."""

from collections.abc import Callable
from dataclasses import dataclass

from inventory.command import hmc
from liveupdate.procedures import words
from liveupdate.procedures.draft import CannotPlan, Draft
from liveupdate.procedures.failure_evidence import failure_evidence
from liveupdate.procedures.step import HostRef, Plan, StepHost

Part = Callable[[Draft], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The parts of a procedure in their order.

    Every one of `parts` says what keeps it from being written; `proofs` are written only when nothing
    does, and may rest on the parameters that the parts chose. `roles` are the hosts the plan needs;
    `watched` sends looks to the HMC while a Live Update runs; `needs_credential` is for plans that log
    the LPAR on to its HMC.
    """

    name: str
    version: int
    parts: tuple[Part, ...]
    proofs: tuple[Part, ...] = ()
    warnings: Callable[[Draft], tuple[str, ...]] = lambda draft: ()
    roles: tuple[StepHost, ...] = (StepHost.LPAR, StepHost.HMC)
    watched: bool = True
    needs_credential: bool = True


def compose(recipe: Recipe, draft: Draft, hosts: dict[StepHost, HostRef]) -> Plan:
    """The plan for the draft's LPAR; the same facts give the same bytes. Raises CannotPlan.

    One that begins a Live Update gets the steps that explain its failure.
    """
    subject = draft.subject
    for role in recipe.roles:
        if role not in hosts:
            draft.refuse(f"The inventory does not say how to reach the {role.value}.")
    if recipe.needs_credential and not draft.hmc_credential:
        draft.refuse(f"The inventory names no credential for {subject.hmc_user} on {subject.hmc}.")
    for part in (_names, *recipe.parts):
        draft.write(part)
    if not draft.reasons:
        for part in recipe.proofs:
            draft.write(part)
    if any(step.live_update for step in draft.steps):
        draft.write(failure_evidence)
    if draft.reasons:
        raise CannotPlan(subject.name, tuple(draft.reasons))
    return Plan(
        procedure=recipe.name,
        version=recipe.version,
        lpar={
            "name": subject.name,
            "partition": subject.partition,
            "uuid": subject.uuid,
            "managed_system": subject.managed_system,
            "managed_system_serial": subject.managed_system_serial,
        },
        hosts={role: hosts[role] for role in recipe.roles},
        parameters=draft.parameters | {"consents": sorted(draft.used)},
        steps=tuple(draft.steps),
        restoration=tuple(draft.restoration),
        warnings=(*recipe.warnings(draft), *draft.warnings),
        watch=hmc(
            "lssyscfg", "-r", "lpar", "-m", words.system_name(subject.managed_system),
            "-F", "name,lpar_id,state,rmc_state",
        ) if recipe.watched else None,
        failure=tuple(draft.failure),
        branches=tuple(draft.branches),
    )  # fmt: skip


def _names(draft: Draft) -> None:
    """What the HMC calls the LPAR and its managed system."""
    words.system_name(draft.subject.partition)
    words.system_name(draft.subject.managed_system)
