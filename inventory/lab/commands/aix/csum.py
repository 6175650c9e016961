"""`csum`: checksums of files."""

import hashlib

from inventory.lab.commands.call import Call, Usage, command

ALGORITHMS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}


@command("/usr/bin/csum")
async def csum(call: Call) -> int:
    """Digest and name of each file."""
    options, files = call.options("h:")
    algorithm = ALGORITHMS.get(options.get("h", "MD5").upper())
    if algorithm is None or not files:
        raise Usage("usage: csum [-h algorithm] [file ...]")
    status = 0
    for name in files:
        file = call.lab.root_of(call.host) / name.lstrip("/")
        if file.is_file():
            call.line(
                f"{hashlib.new(algorithm, file.read_bytes(), usedforsecurity=False).hexdigest()}  {name}"
            )
        else:
            status = call.fail(f"csum: 0500-004 Cannot open {name}.")
    return status
