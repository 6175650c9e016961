"""The HMC itself: `lshmc`, its connections."""

from inventory.lab.commands.call import Call, Kind, Usage, command

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


@command("lssysconn", on=HMC)
async def lssysconn(call: Call) -> int:
    """Connections to managed systems."""
    system = call.world.system
    call.line(
        f"resource_type=sys,type_model_serial_num={system.type_model}*{system.serial},sp=unavailable,"
        "side=unavailable,ipaddr=10.254.0.2,alt_ipaddr=unavailable,state=Connected"
    )
    return 0
