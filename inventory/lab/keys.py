"""Keys and passwords of the lab: made at the first start, kept in its directory."""

import json
import secrets
from pathlib import Path

import asyncssh


class Keys:
    """The client key, the host keys and the passwords."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        self.client_file = directory / "client"
        self.client = self._key(self.client_file)
        self.looking_file = directory / "looking"
        self.looking = self._key(self.looking_file, "lab-looking")
        self._passwords_file = directory / "passwords.json"
        self._passwords: dict[str, str] = {}
        if self._passwords_file.exists():
            self._passwords = json.loads(self._passwords_file.read_text())

    def host(self, name: str) -> asyncssh.SSHKey:
        """A host's own key."""
        return self._key(self._directory / f"host-{name}", comment=name)

    def password(self, name: str) -> str:
        """The password of an account, e.g. `liveupdate@hmc01`."""
        if name not in self._passwords:
            self._passwords[name] = secrets.token_urlsafe(12)
            self._passwords_file.touch(mode=0o600)
            self._passwords_file.write_text(json.dumps(self._passwords, indent=1))
        return self._passwords[name]

    def _key(self, file: Path, comment: str = "lab") -> asyncssh.SSHKey:
        if file.exists():
            return asyncssh.read_private_key(file)
        key = asyncssh.generate_private_key("ssh-ed25519", comment=comment)
        file.touch(mode=0o600)
        key.write_private_key(file)
        key.write_public_key(file.with_suffix(".pub"))
        file.chmod(0o600)
        return key
