"""What the lab says of itself: `lab.json` for programs, `inventory.csv` for the portal's import."""

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from inventory.lab.commands.call import Kind
from inventory.lab.commands.permissions import LOOKER
from inventory.lab.host import Host, fingerprint
from inventory.lab.world.frame import PowerVc
from inventory.lab.world.store import write_atomically

if TYPE_CHECKING:
    from inventory.lab.lab import Lab

HMC_USER = "liveupdate"
COLUMNS = [
    "kind",
    "name",
    "address",
    "port",
    "account",
    "credential",
    "credential_reference",
    "host_key_sha256",
    "hmc",
    "serial",
    "type_model",
    "managed_system",
    "uuid",
    "nim_master",
    "team",
    "environment",
    "application",
    "client_user",
    "client_credential",
    "client_credential_reference",
    "powervc",
    "project",
    "rollback_clone_disk",
    "media",
    "media_level",
]


OWN = (
    "uuid",
    "hmc",
    "nim_master",
    "team",
    "environment",
    "application",
    "powervc",
    "rollback_clone_disk",
)
"""What only LPARs have in the inventory."""


def write_description(lab: "Lab") -> None:
    """Write both files; `lab.json` last, as it means that everything answers."""
    hosts = [_host(lab, host) for host in lab.hosts.values()]
    world = lab.world
    media = next(path for path, level in world.nim.media.items() if level == world.target_level)
    proposed = {"media": f"{world.nim.name}:{media}", "media_level": world.target_level}
    write_atomically(lab.directory / "inventory.csv", _inventory(lab, hosts, proposed), 0o644)
    description = {
        "hmc_user": HMC_USER,
        "hmc_password": lab.keys.password(f"{HMC_USER}@{world.hmc.name}"),
        "powervc_password": _powervc_password(lab),
        "speed": lab.speed,
        "managed_system": world.system.name,
        "serial": world.system.serial,
        "control": str(lab.command_socket),
        "media": proposed["media"],
        "target_level": world.target_level,
        "hosts": hosts,
    }
    write_atomically(lab.directory / "lab.json", json.dumps(description, indent=1))


def _powervc_password(lab: "Lab") -> str:
    """The password of the user of the first PowerVC; empty without one."""
    return next((lab.keys.password(f"{pvc.users[0]}@{pvc.name}") for pvc in lab.world.powervcs), "")


def _host(lab: "Lab", host: Host) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": host.name,
        "kind": host.kind.value,
        "address": "127.0.0.1",
        "port": host.endpoint.front.port,
        "account": host.account,
        "password": host.password,
        "host_key": fingerprint(lab.keys.host(host.name)),
        "key_file": str(lab.keys.client_file),
        "looking_account": LOOKER,
        "looking_key_file": str(lab.keys.looking_file),
        "root": str(host.root),
    }
    if host.kind is Kind.LPAR:
        lpar = lab.world.lpars[host.name]
        entry |= {
            "uuid": lpar.uuid,
            "managed_system": lab.world.system.name,
            "serial": lab.world.system.serial,
            "hmc": lab.world.hmc.name,
            "nim_master": lab.world.nim.name,
            "level": lpar.level,
            "rollback_clone_disk": "hdisk11",
            **lab.world.teams.get(host.name, {}),
        }
    return entry


def _inventory(lab: "Lab", hosts: list[dict[str, Any]], proposed: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    system = lab.world.system
    for host in hosts:
        row = {key: host[key] for key in ("kind", "name", "address", "port", "account")}
        row["credential"] = "lab-hmc-key" if host["kind"] == Kind.HMC else "lab-aix-key"
        row["credential_reference"] = f"file:{host['key_file']}"
        row["host_key_sha256"] = host["host_key"]
        if host["kind"] == Kind.HMC:
            row["client_user"] = HMC_USER
            row["client_credential"] = "lab-hmc-liveupdate"
            row["client_credential_reference"] = "env:LAB_HMC_PASSWORD"
            writer.writerow(row)
            if host["name"] == lab.world.hmc.name:
                writer.writerow(_system_row(lab))
                writer.writerows(_powervc_row(powervc) for powervc in lab.world.powervcs)
            continue
        if host["kind"] == Kind.NIM:
            row |= proposed
        if host["kind"] == Kind.LPAR:
            row |= {key: host.get(key, "") for key in OWN}
            row["managed_system"] = system.serial
        writer.writerow(row)
    return text.getvalue()


def _system_row(lab: "Lab") -> dict[str, str]:
    """The managed system under the HMC that Live Update talks to; a discovery finds the others."""
    system = lab.world.system
    return {
        "kind": "managed_system",
        "name": system.name,
        "serial": system.serial,
        "type_model": system.type_model,
        "hmc": lab.world.hmc.name,
    }


def _powervc_row(powervc: PowerVc) -> dict[str, str]:
    return {
        "kind": "powervc",
        "name": powervc.name,
        "address": powervc.address,
        "client_user": powervc.users[0],
        "client_credential": "lab-powervc-liveupdate",
        "client_credential_reference": "env:LAB_POWERVC_PASSWORD",
        "project": powervc.projects[0],
    }
