"""Users of an HMC: list, create, change, their passwords and keys."""

import hashlib
from typing import TYPE_CHECKING

from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.commands.hmc.table import NO_RESULTS, query
from inventory.lab.world.frame import Hmc, HmcUser

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

HMC = (Kind.HMC,)
ROLES = ("hmcsuperadmin", "hmcoperator", "hmcviewer", "hmcpe", "hmcservicerep", "hmcclientliveupdate")


def accepts(lab: "Lab", hmc: Hmc, name: str, password: str) -> bool:
    """Whether the HMC lets this user in with this password."""
    user = hmc.users.get(name)
    if user is None:
        return False
    if user.password:
        return user.password == _digest(password)
    return password == lab.keys.password(f"{name}@{hmc.name}")


def _digest(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


@command("lshmcusr", on=HMC)
async def lshmcusr(call: Call) -> int:
    """Users with their roles; the description is printed as it was entered, commas and all."""
    wish = query(call)
    names = wish.filters.get("names")
    shown = False
    for name, user in call.hmc.users.items():
        if names is not None and name not in names:
            continue
        shown = True
        record = {
            "name": name,
            "taskrole": user.taskrole,
            "description": user.description,
            "pwage": user.pwage,
            "resourcerole": user.resourcerole,
            "authentication_type": "local",
            "remote_webui_access": 1,
            "remote_ssh_access": 1,
            "min_pwage": 0,
            "session_timeout": 0,
            "verify_timeout": 15,
            "idle_timeout": 0,
            "inactivity_expiration": 0,
            "resources": "<ResourceID = ALL:><UserDefinedName = AllSystemResources>",
            "password_encryption": "sha512",
            "disabled": 0,
        }
        if wish.fields:
            call.line(",".join(str(record[field]) for field in wish.fields))
        else:
            call.line(",".join(f"{key}={value}" for key, value in record.items()))
    if not shown:
        call.line(NO_RESULTS)
    return 0


@command("chhmcusr", on=HMC)
async def chhmcusr(call: Call) -> int:
    """Change a user's attribute (-u USER -t ATTRIBUTE -v VALUE)."""
    words = dict(zip(call.argv[1::2], call.argv[2::2], strict=False))
    user = call.hmc.users.get(words.get("-u", ""))
    if user is None:
        return call.fail("HSCL350A The user does not exist.")
    if words.get("-t") in ("taskrole", "description", "resourcerole"):
        setattr(user, words["-t"], words.get("-v", ""))
    return 0


@command("mkhmcusr", on=HMC)
async def mkhmcusr(call: Call) -> int:
    """Create a user (-u USER -a ROLE -d TEXT --auth local); the password is asked for twice."""
    words = dict(zip(call.argv[1::2], call.argv[2::2], strict=False))
    name, role = words.get("-u", ""), words.get("-a", "")
    if name in call.hmc.users:
        return call.fail("HSCL3504 The user ID already exists.")
    if not name or role not in ROLES:
        raise Usage("HSCL3505 The task role specified is not valid.")
    typed = await call.ask("Enter the new user's password: ", hidden=True)
    again = await call.ask("Enter the password again: ", hidden=True)
    if typed != again or len(typed) < 7:
        return call.fail("HSCL3506 The passwords do not match, or are too short.")
    call.hmc.users[name] = HmcUser(role, words.get("-d", ""), password=_digest(typed))
    return 0


@command("rmhmcusr", on=HMC)
async def rmhmcusr(call: Call) -> int:
    """Remove a user (-u USER)."""
    name = call.argv[-1]
    if call.hmc.users.pop(name, None) is None:
        return call.fail("HSCL350A The user does not exist.")
    return 0


@command("mkauthkeys", on=HMC)
async def mkauthkeys(call: Call) -> int:
    """Install (-a KEY), remove (-r COMMENT) or list (--ls) a user's public keys; silent."""
    words = dict(zip(call.argv[1:], call.argv[2:], strict=False))
    user = call.hmc.users.get(words.get("-u", "hscroot"))
    if user is None:
        return call.fail("HSCL350A The user does not exist.")
    if "--ls" in call.argv:
        for key in user.keys:
            call.line(key)
    elif "-a" in words and words["-a"] not in user.keys:
        user.keys.append(words["-a"])
    elif "-r" in words:
        user.keys = [key for key in user.keys if not key.endswith(f" {words['-r']}")]
    return 0
