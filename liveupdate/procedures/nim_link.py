"""NIM set-up: how the NIM master gets to speak to the HMC (handbook 5.10 rows 1 to 3 and 5 to 7).

Each part writes steps only for what is missing. What was defined stays when a later step fails: the
next plan has only the rest.
"""

import re
from dataclasses import replace

from inventory.command import aix, hmc
from inventory.facts.hmc.hmc_user import HMC_USER
from liveupdate.lpar.nim_site import FILESETS, NimSite
from liveupdate.procedures import words
from liveupdate.procedures.draft import Draft, change, look, once
from liveupdate.procedures.step import (
    Answer,
    Branch,
    Expect,
    OnFailure,
    Phase,
    Prompt,
    Run,
    Step,
    StepHost,
)
from portal.lib.errors import Conflict

ROLE = "hmcclientliveupdate"
SUFFICIENT = (ROLE, "hmcsuperadmin")
PASSWORD = r"(?i)password[^:\n]*[:?]\s*$"  # noqa: S105 - a prompt's pattern
MASK = "255.255.255.0"
ON_MASTER, ON_HMC = StepHost.NIM_MASTER, StepHost.HMC


def site_of(draft: Draft) -> NimSite:
    """The environment of the LPAR's NIM master. Raises Conflict when nothing is known of it."""
    site = draft.subject.nim_site
    if site is None:
        raise Conflict(f"The inventory names no NIM master for {draft.subject.name}.", code="no_nim_master")
    if not site.is_read:
        raise Conflict(
            f"What NIM master {site.master} has is not known: read it on its page, then plan again.",
            code="facts_unknown",
        )
    return site


def filesets(draft: Draft) -> None:
    """Row 1 (RQ-007): nothing can be done from here but to say what to install."""
    site = site_of(draft)
    draft.parameters |= {"nim_master": site.master, "hmc": site.hmc}
    if site.filesets is None:
        draft.refuse(f"Whether {' and '.join(FILESETS)} are installed on {site.master} was not read.")
    if site.missing_filesets:
        wanted = " ".join(site.missing_filesets)
        draft.refuse(f"On {site.master} install {wanted} first: installp -agXYd MEDIA {wanted}.")
    draft.add(
        look(
            "filesets",
            Phase.CHECK,
            f"Prove that {site.master} has the filesets that speak to an HMC",
            "dpasswd and dkeyexch belong to them.",
            aix("lslpp", "-Lqc", *FILESETS),
            expect=Expect(has=tuple(rf"^[^:]*:{re.escape(name)}:(?:[^:]*:){{3}}[CA]:" for name in FILESETS)),
            host=ON_MASTER,
        )
    )


def hmc_user(draft: Draft) -> None:
    """Row 2 (RQ-042): the HMC user that NIM master and LPARs log on as."""
    name = words.hmc_user(draft.subject.hmc_user)
    user = draft.subject.value(HMC_USER, name)
    listed = hmc("lshmcusr", "--filter", f"names={name}")
    if user is None:
        _make_user(draft, name)
    elif user.task_role not in SUFFICIENT:
        draft.add(
            look(
                "hmc_user_before",
                Phase.PREPARE,
                f"Record the roles of {name}",
                f"The task role was {user.task_role} when this plan was made.",
                listed,
                expect=Expect(has=(rf"\btaskrole={re.escape(user.task_role)}\b",)),
                host=ON_HMC,
            ),
            change(
                "hmc_user_role",
                Phase.PREPARE,
                f"Give {name} the task role {ROLE}",
                "With any other a Live Update fails with HSCL350B.",
                Run(hmc("chhmcusr", "-u", name, "-t", "taskrole", "-v", ROLE)),
                cures=("RQ-042",),
                host=ON_HMC,
            ),
        )
    draft.add(
        look(
            "hmc_user_ready",
            Phase.PREPARE,
            f"Prove that {name} may do what Live Update asks for",
            "NIM master and LPARs log on to the HMC as this user.",
            listed,
            expect=Expect(has=(rf"\btaskrole=(?:{'|'.join(SUFFICIENT)})\b",)),
            host=ON_HMC,
        )
    )


def _make_user(draft: Draft, name: str) -> None:
    secret = draft.hmc_credential
    words_of_it = ("-u", name, "-a", ROLE, "-d", "AIX live update", "--auth", "local")
    draft.add(
        change(
            "hmc_user_made",
            Phase.PREPARE,
            f"Create the HMC user {name} with the task role {ROLE}",
            "Its password is typed at both prompts, the one that the inventory names.",
            Answer(hmc("mkhmcusr", *words_of_it), (Prompt(PASSWORD, secret), Prompt(PASSWORD, secret))),
            cures=("RQ-042",),
            host=ON_HMC,
        )
    )


def keystore(draft: Draft) -> None:
    """Row 3: the HMC user's password, encrypted, on the NIM master; `dpasswd` asks for it twice."""
    site = site_of(draft)
    path, user = words.directory(site.keystore), words.hmc_user(draft.subject.hmc_user)
    mode = site.keystores.get(path, "")
    if not mode:
        secret = draft.hmc_credential
        draft.add(
            change(
                "keystore_place",
                Phase.PREPARE,
                "Make the keystore's directory",
                f"The keystore is {path}.",
                Run(aix("mkdir", "-p", path.rpartition("/")[0])),
                host=ON_MASTER,
            ),
            change(
                "keystore",
                Phase.PREPARE,
                f"Store the password of {user} encrypted in {path}",
                "dpasswd echoes what is typed on an ordinary terminal; this one does not, and what it prints "
                "is masked.",
                Answer(
                    aix("/usr/bin/dpasswd", "-f", path, "-U", user),
                    (Prompt(PASSWORD, secret), Prompt(PASSWORD, secret)),
                ),
                host=ON_MASTER,
            ),
        )
    if mode != "-rw-------":
        draft.add(
            change(
                "keystore_closed",
                Phase.PREPARE,
                "Let root alone read the keystore",
                "It holds a password.",
                Run(aix("chmod", "600", path)),
                host=ON_MASTER,
            )
        )
    draft.add(
        look(
            "keystore_ready",
            Phase.PREPARE,
            "Prove that the keystore is there and root's alone",
            "The HMC's object names it.",
            aix("ls", "-l", path),
            expect=Expect(has=(r"^-rw-------",)),
            host=ON_MASTER,
        )
    )


def hmc_object(draft: Draft) -> None:
    """Row 5 (RQ-056): the HMC as NIM knows it."""
    site = site_of(draft)
    name = words.nim_name(site.hmc_name)
    if site.hmc_object is None:
        interface = f"find_net {words.host_address(site.hmc)} 0"
        draft.add(
            once(
                "hmc_defined",
                Phase.PREPARE,
                f"Define the HMC {name} in NIM",
                "NIM reaches it with the password of the keystore.",
                aix(
                    "nim", "-o", "define", "-t", "hmc", "-a", f"if1={interface}",
                    "-a", f"net_definition=ent {_mask(site)}", "-a", f"passwd_file={site.keystore}", name,
                ),
                deadline_s=300,
                cures=("RQ-056",),
                host=ON_MASTER,
            )
        )  # fmt: skip
    draft.add(
        look(
            "hmc_known",
            Phase.PREPARE,
            f"Prove that NIM knows {name}",
            "12443 is the port of the HMC's REST interface.",
            aix("lsnim", "-l", name),
            expect=Expect(
                has=(
                    r"^\s+mgmt_port\s*=\s*12443\s*$",
                    rf"^\s+passwd_file\s*=\s*{re.escape(site.keystore)}\s*$",
                )
            ),
            host=ON_MASTER,
        )
    )


def _mask(site: NimSite) -> str:
    """The mask of the network that holds the HMC, the usual one where NIM knows none."""
    known = site.objects.get(site.network_of(site.hmc_address))
    return (known.get("snm") if known else "") or MASK


def key_exchange(draft: Draft) -> None:
    """Rows 6 and 7: the HMC gets root's key; where `dkeyexch` breaks (F27), `mkauthkeys` is prepared."""
    site = site_of(draft)
    name, user = words.nim_name(site.hmc_name), words.hmc_user(draft.subject.hmc_user)
    if not site.asks_hmc:
        exchange = change(
            "key_exchanged",
            Phase.PREPARE,
            f"Exchange keys between {site.master} and {name}",
            "NIM asks the HMC over SSH without a password.",
            Run(aix("dkeyexch", "-f", site.keystore, "-I", "hmc", "-H", name)),
            expect=Expect(lacks=("NullPointerException", "(?i)permission denied")),
            deadline_s=300,
            host=ON_MASTER,
        )
        if site.public_key:
            draft.add(replace(exchange, on_failure=OnFailure.CHOOSE))
            draft.offer(_by_mkauthkeys(user, site))
        else:
            draft.add(exchange)
            draft.warnings.append(
                f"{site.master} showed no public key of root when it was last read: if dkeyexch fails, "
                "nothing is prepared. ssh-keygen makes one; then read the NIM master again."
            )
    serials = [words.serial(system.serial) for system in site.systems]
    draft.add(
        look(
            "hmc_answers",
            Phase.PREPARE,
            f"Prove that {site.master} can ask {name}",
            "It lists a line for each managed system.",
            aix("nimquery", "-a", f"hmc={name}"),
            expect=Expect(has=tuple(rf"\bserial_num={serial}\b" for serial in serials)),
            deadline_s=600,
            host=ON_MASTER,
        )
    )


def _by_mkauthkeys(user: str, site: NimSite) -> Branch:
    install: Step = change(
        "key_installed",
        Phase.PREPARE,
        f"Install root's key of {site.master} for {user} on {site.hmc}",
        "mkauthkeys is the only way to install a key on an HMC; the key is what the NIM master showed.",
        Run(hmc("mkauthkeys", "-u", user, "-a", site.public_key)),
        host=ON_HMC,
    )
    return Branch(
        name="mkauthkeys",
        after="key_exchanged",
        title="Install the key on the HMC itself",
        why="dkeyexch ends with a NullPointerException where OpenSSH is newer than it expects.",
        steps=(install,),
    )
