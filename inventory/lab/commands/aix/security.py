"""Security settings: `trustchk`, `audit`, `lssec`, `chsec`, `pscxpert`, `lsfilt`."""

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
            lpar.audit = lpar.audit_stream = False
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
    """The applied security profile: none."""
    return 0


@command("/usr/sbin/lsfilt")
async def lsfilt(call: Call) -> int:
    """IPsec filter rules: only the default ones."""
    if not call.lpar.ipsec:
        return call.fail("lsfilt: IP Security is not active.")
    call.line(
        "1|permit|0.0.0.0|0.0.0.0|0.0.0.0|0.0.0.0|no|udp|eq|4001|eq|4001|both|both|no|all packets|0|all|0|||"
    )
    return 0


@command("/usr/sbin/expfilt", "/usr/sbin/impfilt", "/usr/sbin/mkfilt")
async def filters(call: Call) -> int:
    """Save, load, activate filter rules; silent."""
    return 0
