"""Security settings: `trustchk`, `audit`, `lssec`, `chsec`, `lsuser`, `id`, `pscxpert`, `skctl`."""

from inventory.lab.commands.call import Call, Usage, command


@command("/usr/sbin/trustchk")
async def trustchk(call: Call) -> int:
    """Trusted Execution's policies: show (-p) or set (-p NAME=on|off …)."""
    if call.argv[1:2] != ["-p"]:
        raise Usage("Usage: trustchk -p [{Policy}[={on|off}] ...]")
    trust = call.lpar.trust
    words = call.argv[2:]
    if not words:
        call.out("".join(f"{name}={value}\n" for name, value in trust.items()))
        return 0
    for word in words:
        name, equals, value = word.upper().partition("=")
        if name not in trust or (equals and value not in ("ON", "OFF")):
            return call.fail(f"trustchk: Invalid policy: {word}")
        if not equals:
            call.line(f"{name}={trust[name]}")
        elif trust["LOCK_KERN_POLICIES"] == "ON":
            return call.fail("trustchk: The kernel policies are locked until the next reboot.")
        else:
            trust[name] = value
    return 0


@command("/usr/sbin/audit")
async def audit(call: Call) -> int:
    """Auditing: query, start, shutdown, on, off."""
    lpar = call.lpar
    match call.argv[1:]:
        case ["query"]:
            call.line("auditing on" if lpar.audit else "auditing off")
            call.line(
                "bin manager is process 6553870"
                if lpar.audit and not lpar.audit_stream
                else "bin processing off"
            )
            call.line("audit events:\n        none\n\naudit objects:\n        none")
        case ["start" | "on"]:
            lpar.audit = True
        case ["shutdown" | "off"]:
            lpar.audit = False
        case _:
            raise Usage("Usage: audit { start | shutdown | off | on | query }")
    return 0


@command("/usr/bin/lssec")
async def lssec(call: Call) -> int:
    """One attribute of a stanza file."""
    options, _ = call.options("f:s:a:c")
    stanza, attribute = options.get("s", ""), options.get("a", "")
    value = call.lpar.stanzas.get(f"{options.get('f', '')} {stanza} {attribute}", "")
    call.line(f"{stanza} {attribute}={value}")
    return 0


@command("/usr/bin/chsec")
async def chsec(call: Call) -> int:
    """Set one attribute of a stanza file; silent."""
    options, _ = call.options("f:s:a:")
    attribute, _, value = options.get("a", "").partition("=")
    call.lpar.stanzas[f"{options.get('f', '')} {options.get('s', '')} {attribute}"] = value
    return 0


@command("/usr/sbin/pscxpert", "/usr/sbin/aixpert")
async def pscxpert(call: Call) -> int:
    """`-t`: the applied security profile, nothing where there is none."""
    if "-t" in call.argv and call.lpar.security_profile:
        call.line(call.lpar.security_profile)
    return 0


@command("/usr/sbin/lsuser")
async def lsuser(call: Call) -> int:
    """`-a SYSTEM registry ALL`: how each account logs on."""
    if call.argv[-1] != "ALL":
        raise Usage("Usage: lsuser [-R load_module] [-c | -f] [-a attr attr ..] { ALL | user1,user2 .. }")
    for name, attributes in call.lpar.users.items():
        call.line(f"{name} {attributes}")
    return 0


@command("/usr/bin/id")
async def identity(call: Call) -> int:
    """The account of the session."""
    if call.account != "root":
        call.line(f"uid=214({call.account}) gid=1(staff)")
        return 0
    call.line("uid=0(root) gid=0(system) groups=2(bin),3(sys),7(security),8(cron),10(audit),11(lp)")
    return 0


@command("/usr/sbin/skctl")
async def skctl(call: Call) -> int:
    """`-v now`: the storage keys since the last start."""
    if call.argv[1:] != ["-v", "now"]:
        raise Usage("Usage: skctl [-v [now|default|boot]]")
    call.line("Storage Key attributes for current boot session:")
    call.line("        Max. number of hardware keys = 32\n        Number of hardware keys enabled = 32")
    call.line(f"        Number of user keys = {call.lpar.storage_keys or 'disabled'}")
    call.line("        Kernel keys state = enabled\n        Exclusive kernel key value = disabled")
    return 0
