"""What a row must hold, by kind: the typed entries of an inventory file, and what is wrong with others."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from inventory.imports.own_secrets import is_own_secret
from inventory.imports.reader import Row


class EntryKind(StrEnum):
    """What a row describes."""

    HMC = "hmc"
    MANAGED_SYSTEM = "managed_system"
    NIM_MASTER = "nim_master"
    POWERVC = "powervc"
    LPAR = "lpar"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken: its line, the column, and a sentence."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message}"


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SYSTEM_NAME = re.compile(r"[^\x00-\x1f,/]{1,100}")
ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]{0,252}")
ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
REFERENCE = re.compile(r"file:/[^\x00\n]{1,400}|env:[A-Z][A-Z0-9_]{0,80}|agent:")
SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")
SERIAL = re.compile(r"[A-Z0-9]{4,20}")
TYPE_MODEL = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{3}")
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
DISKS = re.compile(r"hdisk[0-9]{1,5}(?: hdisk[0-9]{1,5}){0,3}")
DIRECTORY = re.compile(r"(?:/[A-Za-z0-9_+@%=:,.~-]{1,40}){1,6}")
MEDIA = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}:(?:/[A-Za-z0-9_+@%=:,.~-]{1,100}){1,20}/?")
LEVEL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{4}")
PROJECT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
YES_OR_NO = ("yes", "no")
LABEL = re.compile(r"[^\x00-\x1f]{1,80}")


def _is_reference(cell: str) -> bool:
    return bool(REFERENCE.fullmatch(cell)) and not is_own_secret(cell)


FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "address": (lambda cell: bool(ADDRESS.fullmatch(cell)), "is not a host name or IP address"),
    "port": (lambda cell: cell.isascii() and cell.isdigit() and 1 <= int(cell) <= 65535, "is not a port"),
    "account": (lambda cell: bool(ACCOUNT.fullmatch(cell)), "is not an account name"),
    "looking_account": (lambda cell: bool(ACCOUNT.fullmatch(cell)), "is not an account name"),
    "looking_credential": (lambda cell: bool(SLUG.fullmatch(cell)), "is not a credential's name"),
    "looking_credential_reference": (_is_reference, "is no reference to a host's secret"),
    "reads_beyond_looking": (lambda cell: cell in YES_OR_NO, "is neither yes nor no"),
    "credential": (lambda cell: bool(SLUG.fullmatch(cell)), "is not a credential's name"),
    "credential_reference": (_is_reference, "is no reference to a host's secret"),
    "host_key_sha256": (lambda cell: bool(FINGERPRINT.fullmatch(cell)), "is no SHA-256 fingerprint"),
    "serial": (lambda cell: bool(SERIAL.fullmatch(cell)), "is not a serial number"),
    "type_model": (lambda cell: bool(TYPE_MODEL.fullmatch(cell)), "is not a type and model"),
    "uuid": (lambda cell: bool(UUID.fullmatch(cell)), "is not a partition UUID"),
    "environment": (lambda cell: bool(SLUG.fullmatch(cell)) and len(cell) <= 20, "is not an environment"),
    "application": (lambda cell: bool(LABEL.fullmatch(cell)), "is not an application's name"),
    "client_user": (lambda cell: bool(ACCOUNT.fullmatch(cell)), "is not a user name"),
    "client_credential": (lambda cell: bool(SLUG.fullmatch(cell)), "is not a credential's name"),
    "client_credential_reference": (_is_reference, "is no reference to a host's secret"),
    "project": (lambda cell: bool(PROJECT.fullmatch(cell)), "is not a project of PowerVC"),
    "rollback_clone_disk": (lambda cell: bool(DISKS.fullmatch(cell)), "is not a disk such as hdisk11"),
    "media": (lambda cell: bool(MEDIA.fullmatch(cell)), "is not SERVER:/directory"),
    "live_update_directory": (lambda cell: bool(DIRECTORY.fullmatch(cell)), "is no absolute directory"),
    "runs_at_once": (lambda cell: bool(re.fullmatch("[1-9][0-9]?", cell)), "is no number from 1 to 99"),
    "media_level": (lambda cell: bool(LEVEL.fullmatch(cell)), "is not a level such as 7200-05-04-2220"),
}
HINTS = {
    "looking_credential_reference": "file:/absolute/path, env:NAME or agent: (never the secret itself)",
    "credential_reference": "file:/absolute/path, env:NAME or agent: (never the secret itself)",
    "client_credential_reference": "file:/absolute/path, env:NAME or agent: (never the secret itself)",
    "host_key_sha256": "SHA256: and 43 characters, as ssh-keygen -lf prints it",
    "type_model": "for example 9080-M9S",
}
ENDPOINT = {"address", "account", "credential"}
REQUIRED: dict[EntryKind, set[str]] = {
    EntryKind.HMC: ENDPOINT,
    EntryKind.MANAGED_SYSTEM: {"serial", "hmc"},
    EntryKind.NIM_MASTER: ENDPOINT,
    EntryKind.POWERVC: {"address", "client_user", "client_credential"},
    EntryKind.LPAR: ENDPOINT | {"hmc", "managed_system", "uuid", "team"},
}
LOOKING = ("looking_account", "looking_credential")
"""They come together: an account for looking has a credential of its own."""
OPTIONAL_ENDPOINT = {
    *("port", "credential_reference", "host_key_sha256"),
    *(*LOOKING, "looking_credential_reference", "reads_beyond_looking"),
}
ALLOWED: dict[EntryKind, set[str]] = {
    EntryKind.HMC: ENDPOINT
    | OPTIONAL_ENDPOINT
    | {"client_user", "client_credential", "client_credential_reference"},
    EntryKind.MANAGED_SYSTEM: {"serial", "hmc", "type_model"},
    EntryKind.NIM_MASTER: ENDPOINT
    | OPTIONAL_ENDPOINT
    | {"media", "media_level", "live_update_directory", "runs_at_once"},
    EntryKind.POWERVC: REQUIRED[EntryKind.POWERVC] | {"client_credential_reference", "project"},
    EntryKind.LPAR: REQUIRED[EntryKind.LPAR]
    | OPTIONAL_ENDPOINT
    | {"nim_master", "powervc", "environment", "application", "rollback_clone_disk"},
}


def check_row(row: Row) -> list[Problem]:
    """Everything that is wrong with one row by itself; empty when it is good."""
    try:
        kind = EntryKind(row["kind"])
    except ValueError:
        kinds = ", ".join(EntryKind)
        return [Problem(row.line, "kind", f"{row['kind']!r} is not a kind; use one of {kinds}.")]
    problems = []
    pattern = SYSTEM_NAME if kind is EntryKind.MANAGED_SYSTEM else NAME
    if not pattern.fullmatch(row["name"]):
        problems.append(Problem(row.line, "name", f"{row['name']!r} is not a {kind.value} name."))
    for column in sorted(REQUIRED[kind]):
        if not row[column]:
            problems.append(Problem(row.line, column, f"is empty; a {kind.value} needs it."))
    problems += _looking(row)
    for column, cell in row.cells.items():
        if column in {"kind", "name"} or not cell:
            continue
        if column not in ALLOWED[kind]:
            problems.append(Problem(row.line, column, f"does not belong to a {kind.value}; leave it empty."))
        elif column in FORMATS and not FORMATS[column][0](cell):
            problems.append(Problem(row.line, column, _wrong(column, cell)))
    return problems


def _looking(row: Row) -> list[Problem]:
    """What an account for looking lacks, and what makes no sense without or with it."""
    account, credential = (row[column] for column in LOOKING)
    if bool(account) != bool(credential):
        empty = LOOKING[0] if credential else LOOKING[1]
        return [Problem(row.line, empty, f"is empty; {' and '.join(LOOKING)} come together.")]
    if row["reads_beyond_looking"] == "yes" and not account:
        return [Problem(row.line, "reads_beyond_looking", "is for hosts with a looking_account.")]
    if account and account == row["account"]:
        return [Problem(row.line, LOOKING[0], "is the account that executes; leave it empty.")]
    return []


def _wrong(column: str, cell: str) -> str:
    shown = "the value" if "reference" in column else repr(cell)
    hint = f" Write {HINTS[column]}." if column in HINTS else ""
    return f"{shown} {FORMATS[column][1]}.{hint}"
