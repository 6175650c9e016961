"""Takes a NIM set-up back: the named objects, and on request the keystore and the HMC user (handbook 5.10).

Nothing is removed that another object still needs. What uses others goes first.
"""

import re

from inventory.command import aix, hmc
from inventory.facts.nim_objects import NimStanza, management_profile
from liveupdate.lpar.nim_site import NimSite
from liveupdate.lpar.subject import Subject
from liveupdate.procedures import words
from liveupdate.procedures.ask import Ask
from liveupdate.procedures.compose import Recipe, compose
from liveupdate.procedures.draft import Draft, change, look, once
from liveupdate.procedures.nim_link import ON_HMC, ON_MASTER, site_of
from liveupdate.procedures.procedure import Procedure, Purpose
from liveupdate.procedures.step import Expect, HostRef, Phase, Plan, Run, Step, StepHost
from liveupdate.states import LparState

NAME = "nim_setup_removal"
VERSION = 1
IN_ORDER = ("live_update_data", "lpp_source", "vios", "cec", "hmc", "ent")
"""The types that a set-up defines; an object of one is needed only by such before it, and by clients."""
REMOVE = "remove"
OBJECTS = Ask(
    "objects",
    "NIM objects to remove",
    "Names of HMC, managed systems, VIOSs, networks, lpp_sources or live_update_data.",
    words.nim_object,
    required=False,
    many=True,
)
KEYSTORE = Ask(
    "keystore",
    "Keystore with the HMC user's password",
    "It goes only together with the object of the HMC.",
    str,
    required=False,
    choices=((REMOVE, "Remove it"),),
)
HMC_USER = Ask(
    "hmc_account",
    "User of Live Update on the HMC",
    "LPARs log on as this user too; without it no Live Update of this HMC is possible.",
    str,
    required=False,
    choices=((REMOVE, "Remove it"),),
)


def render(
    subject: Subject, hosts: dict[StepHost, HostRef], hmc_credential: str, consents: frozenset[str]
) -> Plan:
    """The plan for what was named. Raises CannotPlan."""
    roles = (StepHost.LPAR, StepHost.HMC, StepHost.NIM_MASTER)
    parts = (objects, keystore, hmc_user, something)
    recipe = Recipe(NAME, VERSION, parts, roles=roles, watched=False, needs_credential=False)
    return compose(recipe, Draft(subject, hmc_credential, consents), hosts)


def objects(draft: Draft) -> None:
    """The named objects, in an order in which none is needed any more."""
    site, named = site_of(draft), draft.subject.chosen_lines("objects")
    draft.parameters |= {"nim_master": site.master, "hmc": site.hmc, "objects": {}}
    chosen: list[NimStanza] = []
    for name in named:
        known = site.objects.get(name)
        if known is None:
            draft.refuse(f"{site.master} has no object {name}.")
        elif known.type not in IN_ORDER:
            draft.refuse(f"{name} is of the type {known.type}, which a set-up does not define.")
        else:
            chosen.append(known)
    for one in sorted(chosen, key=lambda each: (IN_ORDER.index(each.type), each.name)):
        if users := [user for user in _users(site, one) if user not in named]:
            draft.refuse(f"{one.name} is still needed by {', '.join(users)}.")
        draft.parameters["objects"][one.name] = one.type
        draft.add(*_removed(one))


def _users(site: NimSite, one: NimStanza) -> list[str]:
    """The objects that name this one."""
    return [each.name for each in site.objects.values() if each.name != one.name and _names(each, one)]


def _names(user: NimStanza, one: NimStanza) -> bool:
    profile = management_profile(user)
    if one.type in ("live_update_data", "lpp_source"):
        return user.get(one.type) == one.name
    if one.type == "ent":
        return user.get("if1").split()[:1] == [one.name]
    if one.type == "hmc" and user.type == "cec":
        return one.name in (user.get("hmc"), user.get("mgmt_source"))
    return profile is not None and one.name in (profile.hmc, profile.managed_system)


def _removed(one: NimStanza) -> tuple[Step, ...]:
    name = words.nim_object(one.name)
    key = re.sub(r"\W", "_", name)
    return (
        look(
            f"{key}_as_planned",
            Phase.CHECK,
            f"Prove that {name} is still of the type {one.type}",
            "Its definition is kept with this output.",
            aix("lsnim", "-l", name),
            expect=Expect(has=(rf"^\s*type\s*=\s*{one.type}\s*$",), lacks=(r"^\s*alloc_count\s*=\s*[1-9]",)),
            host=ON_MASTER,
        ),
        once(
            f"{key}_removed",
            Phase.UPDATE,
            f"Remove {name} from NIM",
            "Files that it names stay where they are.",
            aix("nim", "-o", "remove", name),
            deadline_s=300,
            host=ON_MASTER,
            reversible=False,
        ),
        look(
            f"{key}_is_gone",
            Phase.VERIFY,
            f"Prove that NIM does not know {name} any more",
            "0042-053 says that there is no such object.",
            aix("lsnim", "-l", name),
            expect=Expect(statuses=(1,), has=("0042-053",)),
            host=ON_MASTER,
        ),
    )


def keystore(draft: Draft) -> None:
    """The file with the password, once no HMC object names it."""
    site = site_of(draft)
    if draft.subject.choice("keystore") != REMOVE:
        return
    path, console = words.directory(site.keystore), site.hmc_object
    if console is not None and console.name not in draft.subject.chosen_lines("objects"):
        draft.refuse(f"{path} is still needed by {console.name}.")
    draft.add(
        change(
            "keystore_removed",
            Phase.UPDATE,
            f"Remove {path}",
            "It holds the password of the HMC user.",
            Run(aix("rm", "-f", path)),
            host=ON_MASTER,
            reversible=False,
        ),
        look(
            "keystore_is_gone",
            Phase.VERIFY,
            "Prove that the keystore is gone",
            "No password may stay behind.",
            aix("ls", "-l", path),
            expect=Expect(statuses=(1, 2), lacks=(r"^-",)),
            host=ON_MASTER,
        ),
    )


def hmc_user(draft: Draft) -> None:
    """The user on the HMC, if the request says so."""
    if draft.subject.choice("hmc_account") != REMOVE:
        return
    name = words.hmc_user(draft.subject.hmc_user)
    if name == draft.subject.hmc_account:
        draft.refuse(f"The portal itself logs on to {draft.subject.hmc} as {name}.")
    draft.add(
        once(
            "hmc_user_removed",
            Phase.UPDATE,
            f"Remove the user {name} from {draft.subject.hmc}",
            "NIM master and LPARs log on as it.",
            hmc("rmhmcusr", "-u", name),
            deadline_s=300,
            host=ON_HMC,
            reversible=False,
        ),
        look(
            "hmc_user_is_gone",
            Phase.VERIFY,
            f"Prove that {draft.subject.hmc} does not know {name} any more",
            "Its sessions end with it.",
            hmc("lshmcusr", "-F", "name"),
            expect=Expect(lacks=(rf"^{re.escape(name)}$",)),
            host=ON_HMC,
        ),
    )


def something(draft: Draft) -> None:
    """A plan that would remove nothing is refused."""
    if not draft.steps and not draft.reasons:
        draft.refuse("Nothing was named: say which objects of NIM, or what else, is to go.")


def summary(plan: Plan) -> str:
    """The plan in one line."""
    named = ", ".join(plan.parameters["objects"]) or "no object"
    return f"Take the set-up of NIM master {plan.parameters['nim_master']} back: {named}"


PROCEDURE = Procedure(
    name=NAME,
    title="Take a NIM set-up back",
    version=VERSION,
    render=render,
    summary=summary,
    purpose=Purpose.SET_UP,
    asks=(OBJECTS, KEYSTORE, HMC_USER),
    moves_workload=False,
    states=frozenset(LparState),
    changes_nim=True,
)
