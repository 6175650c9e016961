"""`install_all_updates`: the classic update from a directory, without a live update."""

from inventory.lab.commands.call import Call, Kind, Usage, command
from inventory.lab.liveupdate import install


@command("/usr/sbin/install_all_updates", on=(Kind.LPAR,))
async def install_all_updates(call: Call) -> int:
    """Install what the media (-d) have newer; -Y accepts licences, -p only shows."""
    options, words = call.options("d:Yp")
    if words or "d" not in options:
        raise Usage("Usage: install_all_updates -d Media [-p] [-Y]")
    directory = options["d"].rstrip("/")
    if "p" not in options:
        return await call.lab.updates.install(call, directory, accept_licences="Y" in options)
    media = install.open_media(call.lab.root_of(call.host), directory, call.lpar)
    if media is None:
        return call.fail(
            f"0503-105 install_all_updates: The device or directory: {directory} does not exist."
        )
    call.out(install.head() + install.selection(call.lpar, media) + install.tail(call.lpar, succeeded=True))
    return 0
