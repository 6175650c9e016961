"""What links a NIM master to an HMC: `dpasswd`, `dkeyexch`, `nimquery`; and `niminit` on a client."""

import hashlib

from inventory.lab.commands.call import Call, Kind, command
from inventory.lab.commands.hmc.users import accepts
from inventory.lab.commands.nim.cust import READY
from inventory.lab.layout import niminfo
from inventory.lab.world.frame import NimObject

NIM = (Kind.NIM,)
PUBLIC_KEY = ".ssh/id_rsa.pub"
NPE = """\
OpenSSH_8.1p1, OpenSSL 1.0.2u  20 Dec 2019
Exception in thread "main" java.lang.NullPointerException
        at java.lang.ProcessBuilder.start(ProcessBuilder.java:1023)
        at com.ibm.sysmgt.dsm.dkeyexch.dkeyexch.main(dkeyexch.java:639)"""


@command("/usr/bin/dpasswd", on=NIM)
async def dpasswd(call: Call) -> int:
    """Store a user's password in a keystore (-f FILE -U USER); it is asked for twice, and echoed."""
    options, _ = call.options("f:U:")
    call.line(f"Password file is {options['f']}")
    call.line("Warning! Password will be echoed to the screen as it is typed.")
    typed = await call.ask("Please enter the password: ")
    again = await call.ask("Please re-enter the password: ")
    if not typed or typed != again:
        return call.fail("dpasswd: The passwords do not match.")
    file = call.lab.root_of(call.host) / options["f"].lstrip("/")
    if not file.parent.is_dir():
        return call.fail(f"dpasswd: {options['f']}: No such file or directory")
    file.write_text(f"{options['U']} {_digest(call, typed)}\n")
    file.chmod(0o600)
    return 0


def _digest(call: Call, password: str) -> str:
    """A keystore tells whether its password is the HMC's, and not which it is."""
    users = call.world.hmc.users
    opens = any(accepts(call.lab, call.world.hmc, name, password) for name in users)
    return hashlib.sha256(password.encode()).hexdigest()[:16] + ("+" if opens else "-")


@command("/usr/bin/dkeyexch", on=NIM)
async def dkeyexch(call: Call) -> int:
    """Give the HMC (-I hmc -H HMC) root's key, with the keystore's password (-f FILE)."""
    options, _ = call.options("f:I:H:")
    file = call.lab.root_of(call.host) / options["f"].lstrip("/")
    await call.sleep(5)
    if "dkeyexch_npe" in call.lab.faults.of(call.host):
        return call.fail(NPE)
    if not file.is_file():
        return call.fail(f"dkeyexch: {options['f']}: No such file or directory")
    user, _, digest = file.read_text().strip().partition(" ")
    known = call.world.hmc.users.get(user)
    if known is None or not digest.endswith("+"):
        return call.fail(f"{user}@{options['H']}: Permission denied (publickey,password).")
    key = public_key(call)
    if key not in known.keys:
        known.keys.append(key)
    return 0


def public_key(call: Call) -> str:
    """root's public key on the NIM master."""
    file = call.lab.root_of(call.world.nim.name) / PUBLIC_KEY
    return file.read_text().strip() if file.is_file() else ""


@command("/usr/sbin/nimquery", on=NIM)
async def nimquery(call: Call) -> int:
    """The managed systems of an HMC (-a hmc=NAME); -d defines them too."""
    options, _ = call.options("a:dp")
    kind, _, name = options.get("a", "").partition("=")
    hmc, objects = call.world.hmc, call.world.nim.objects
    if kind != "hmc" or name not in objects:
        return call.fail(f'0042-053 nimquery: there is no NIM object named "{name}"')
    await call.sleep(5)
    if "hmc_down" in call.lab.faults.of(hmc.name):
        call.err('0042-001 nimquery: processing error encountered on "master":')
        return call.fail(f"   0042-006 m_query: (From_Master) connect {name} Connection timed out")
    if not any(public_key(call) in user.keys for user in hmc.users.values()):
        call.err('0042-001 nimquery: processing error encountered on "master":')
        return call.fail(f"   0042-006 m_query: (From_Master) {name}: Permission denied (publickey).")
    system = call.world.system
    call.line(
        f"name={system.name},type_model={system.type_model},serial_num={system.serial},"
        "ipaddr=10.254.0.2,sp_type=fsp"
    )
    if "d" in options:
        own = f"{system.type_model}_{system.serial}"
        if own in objects:
            return call.fail(f'0042-032 nimquery: the name "{own}" must be unique')
        serial = f"{system.type_model}*{system.serial}"
        objects[own] = NimObject(
            "management", "cec", {"Cstate": READY, "prev_state": "", "hmc": name, "serial": serial}
        )
    return 0


@command("/usr/sbin/niminit", on=(Kind.LPAR,))
async def niminit(call: Call) -> int:
    """Make this LPAR a client of a NIM master (-a master=… -a name=…)."""
    words = zip(call.argv, call.argv[1:], strict=False)
    given = dict(value.partition("=")[::2] for flag, value in words if flag == "-a")
    nim, file = call.world.nim, call.lab.root_of(call.host) / "etc/niminfo"
    if file.exists():
        return call.fail("0042-001 niminit: this machine has already been initialized")
    if given.get("master") != nim.name or not given.get("name"):
        return call.fail(f"0042-006 niminit: (From_Master) connect {given.get('master')} unknown host")
    if given["name"] in nim.objects:
        return call.fail(f'0042-032 niminit: the name "{given["name"]}" must be unique')
    file.write_text(niminfo(given["name"], Kind.LPAR, nim.name))
    nim.objects[given["name"]] = NimObject(
        "machines",
        "standalone",
        {
            "connect": given.get("connect", "shell"),
            "if1": f"find_net {call.host} 0",
            "Cstate": READY,
            "prev_state": "",
            "Mstate": "currently running",
        },
    )
    call.line("nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1")
    nimsh = call.lpar.subsystems["nimsh"]
    call.line(f"0513-059 The nimsh Subsystem has been started. Subsystem PID is {nimsh.pid}.")
    return 0
