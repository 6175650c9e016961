"""Where a host is and how it is reached."""

import re
from dataclasses import dataclass

from inventory.transport.algorithms import WEAK
from portal.lib.errors import Invalid

LAUNCHER_DIR = "/var/adm/ras/lu-portal"
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.@\\-]{0,63}")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One account on one host.

    `host_key` is the pinned fingerprint as `ssh-keygen -l` prints it (`SHA256:…`), empty when none is
    pinned yet. `credential` is a reference (`file:/path`, `env:NAME`, `agent:`), never a secret.
    `launcher_dir` is where commands that may run once only keep their files on the host. `networks` are
    where its address has to be (`10.0.0.0/8`), none meaning anywhere but on the portal's own machine and
    link; `weak_algorithms` are those of `algorithms.WEAK` that a person excepted it for. `looks_only` is the
    account for looking; `executing` is then who reads what that one may not, if anybody may.
    Raises Invalid for an address, port, account, fingerprint or algorithm that cannot be one.
    """

    name: str
    address: str
    port: int
    account: str
    host_key: str
    credential: str
    launcher_dir: str = LAUNCHER_DIR
    networks: tuple[str, ...] = ()
    weak_algorithms: tuple[str, ...] = ()
    looks_only: bool = False
    executing: "Endpoint | None" = None

    def __post_init__(self) -> None:
        if not self.address or not 0 < self.port < 65536:
            raise Invalid(f"{self.name}: {self.address!r} port {self.port} is no address.")
        if not _ACCOUNT.fullmatch(self.account):
            raise Invalid(f"{self.name}: {self.account!r} is no account name.")
        if self.host_key and not _FINGERPRINT.fullmatch(self.host_key):
            raise Invalid(
                f"{self.name}: {self.host_key!r} is no host key fingerprint.",
                remedy="Give it as `ssh-keygen -lf` prints it: SHA256: and 43 characters.",
            )
        if not self.launcher_dir.startswith("/") or self.launcher_dir.endswith("/"):
            raise Invalid(f"{self.name}: {self.launcher_dir!r} is no absolute directory.")
        unknown = set(self.weak_algorithms) - set(WEAK)
        if unknown:
            raise Invalid(f"{self.name}: no exception can be made for {', '.join(sorted(unknown))}.")
