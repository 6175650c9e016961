"""`netstat`: routes, and the sockets that listen."""

from inventory.lab.commands.call import Call, command

PORTS = {
    "sshd": "22",
    "portmap": "111",
    "inetd": "23",
    "snmpd": "199",
    "nimsh": "3901",
    "ctrmc": "657",
    "sendmail": "25",
    "lpd": "515",
    "nfsd": "2049",
}
"""The port on which a subsystem listens while it runs."""


@command("/usr/bin/netstat")
async def netstat(call: Call) -> int:
    """`-rn`: the routes; `-an`: sockets, those of subsystems that run and of sessions."""
    options, _ = call.options("arnf:")
    if "r" in options:
        _routes(call)
    elif "a" in options:
        _sockets(call)
    return 0


def _routes(call: Call) -> None:
    network = call.lpar.address.rpartition(".")[0]
    call.line("Routing tables\nDestination        Gateway           Flags   Refs     Use  If   Exp  Groups\n")
    call.line("Route Tree for Protocol Family 2 (Internet):")
    for destination, gateway, flags, interface in (
        ("default", f"{network}.1", "UG", "en0"),
        (f"{network}/24", call.lpar.address, "U", "en0"),
        ("127/8", "127.0.0.1", "U", "lo0"),
    ):
        used = len(call.lpar.errors) * 11
        call.line(f"{destination:<18} {gateway:<17} {flags:<7} {2:>4} {used:>9} {interface:<8} -      -   ")


def _sockets(call: Call) -> None:
    lpar = call.lpar
    call.line("Active Internet connections (including servers)")
    call.line("Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)")
    for name, port in PORTS.items():
        if name in lpar.subsystems and lpar.subsystems[name].pid:
            call.line(f"tcp4       0      0  {'*.' + port:<22} {'*.*':<22} LISTEN")
    for _ in call.lab.hosts[call.host].endpoint.front.sessions:
        call.line(f"tcp4       0      0  {lpar.address + '.22':<22} {'10.254.0.2.41822':<22} ESTABLISHED")
