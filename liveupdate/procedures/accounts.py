"""As whom each step of a plan is done: what only looks goes as the account for looking (threat T7)."""

from dataclasses import replace

from inventory.accounts import AccountClass, account_class
from inventory.facts.base import HostKind
from liveupdate.procedures.step import Plan, Run, Step, StepHost, StepKind

KINDS = {
    StepHost.LPAR: HostKind.LPAR,
    StepHost.HMC: HostKind.HMC,
    StepHost.NIM_MASTER: HostKind.NIM_MASTER,
}


def class_of(step: Step) -> AccountClass:
    """The class that a step declares by its kind and its command."""
    if step.kind is StepKind.READ and isinstance(step.action, Run):
        return account_class(step.action.command, KINDS[step.host])
    return AccountClass.EXECUTE


def with_accounts(plan: Plan) -> Plan:
    """The plan with the class in each step on a host that has an account for looking."""
    if not any(host.looking for host in plan.hosts.values()):
        return plan

    def told(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        return tuple(
            replace(step, account=class_of(step)) if plan.hosts[step.host].looking else step for step in steps
        )

    return replace(
        plan,
        steps=told(plan.steps),
        restoration=told(plan.restoration),
        failure=told(plan.failure),
        branches=tuple(replace(branch, steps=told(branch.steps)) for branch in plan.branches),
    )
