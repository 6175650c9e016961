"""The HMC itself: `lshmc`, its users, its connections, commands passed to a VIOS."""

from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.commands.hmc.table import NO_RESULTS, query

HMC = (Kind.HMC,)


@command("lshmc", on=HMC)
async def lshmc(call: Call) -> int:
    """Version (-V), name (-n), service settings (-r)."""
    hmc = call.hmc
    if "-V" in call.argv:
        call.out(
            f'"version= Version: {hmc.version}\n Release: {hmc.version}.2.{hmc.service_pack}.0\n'
            f" Service Pack: {hmc.service_pack}\n"
            f'HMC Build level {hmc.build}\n","base_version={hmc.base_version}\n"\n'
        )
    elif "-n" in call.argv:
        call.line(f"hostname={hmc.name},domain=example.test,ipaddr={hmc.address},networkmask=255.255.255.0")
    elif "-r" in call.argv:
        call.line('ssh=enable,sshprotocol=,remotewebui=enable,xntp=enable,"xntpserver=10.254.0.1"')
    else:
        raise Usage("The command entered is missing a required parameter: one of -n, -r, -v, -V.")
    return 0


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


@command("mkauthkeys", on=HMC)
async def mkauthkeys(call: Call) -> int:
    """Install or remove a public key; silent."""
    return 0


@command("lssysconn", on=HMC)
async def lssysconn(call: Call) -> int:
    """Connections to managed systems."""
    system = call.world.system
    call.line(
        f"resource_type=sys,type_model_serial_num={system.type_model}*{system.serial},sp=unavailable,"
        "side=unavailable,ipaddr=10.254.0.2,alt_ipaddr=unavailable,state=Connected"
    )
    return 0


@command("viosvrcmd", on=HMC)
async def viosvrcmd(call: Call) -> int:
    """A command on a VIOS: only `ioslevel`."""
    if "ioslevel" not in call.argv[-1]:
        return call.fail("HSCL2970 The IOServer command has failed because of the following reason: \nrc=127")
    name = call.argv[call.argv.index("-p") + 1] if "-p" in call.argv[:-1] else ""
    vios = call.world.system.partition(name)
    if vios is None or vios.env != "vioserver":
        return call.fail(
            "HSCL8011 The partition was not found. Please check your entry and retry the command."
        )
    call.line(f"{vios.ios_level}\n")
    return 0
