"""Reads an inventory file into rows of text: CSV with a header line, or a YAML list of mappings."""

import csv
import io
from dataclasses import dataclass
from pathlib import PurePath

import yaml

from portal.lib.errors import Invalid

COLUMNS = (
    "kind",
    "name",
    "address",
    "port",
    "account",
    "credential",
    "credential_reference",
    "host_key_sha256",
    "looking_account",
    "looking_credential",
    "looking_credential_reference",
    "reads_beyond_looking",
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
    "live_update_directory",
    "runs_at_once",
)
MAX_BYTES = 4 * 1024 * 1024
YAML_DEPTH = 3
"""A list of mappings whose values may be lists."""
YAML_EMPTY = frozenset({"~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of the file: the line it starts on, and its cells without surrounding blanks."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_rows(filename: str, content: bytes) -> list[Row]:
    """The rows of an inventory file; the name's ending tells CSV from YAML.

    Raises Invalid when the file as a whole cannot be read: wrong ending, not UTF-8, too large,
    unknown columns, no rows.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(f"{filename} is larger than {MAX_BYTES // 1024 // 1024} MiB.", remedy="Split the file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{filename} is not UTF-8 text (byte {error.start}).", remedy="Save it as UTF-8."
        ) from error
    match PurePath(filename).suffix.lower():
        case ".csv":
            rows = _read_csv(filename, text)
        case ".yaml" | ".yml":
            rows = _read_yaml(filename, text)
        case other:
            raise Invalid(f"{filename} ends in {other!r}.", remedy="Give a .csv or a .yaml file.")
    if not rows:
        raise Invalid(f"{filename} has no rows.", remedy="See docs/import-format.md for an example.")
    return rows


def _read_csv(filename: str, text: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_columns(filename, header)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                if len(cells) > len(header):
                    raise Invalid(f"{filename} line {line} has {len(cells)} cells for {len(header)} columns.")
                rows.append(
                    Row(line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)})
                )
            line = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(f"{filename} line {reader.line_num} is not valid CSV: {error}.") from error
    return rows


def _read_yaml(filename: str, text: str) -> list[Row]:
    try:
        _check_yaml(filename, text)
        document = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise Invalid(f"{filename} is not valid YAML: {error}.") from error
    if not isinstance(document, yaml.SequenceNode):
        raise Invalid(f"{filename} is not a list of hosts.", remedy="See docs/import-format.md.")
    return [_yaml_row(filename, node) for node in document.value]


def _check_yaml(filename: str, text: str) -> None:
    """Refuse what no list of hosts needs and what costs much to read: references, types, deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > YAML_DEPTH:
            raise Invalid(f"{filename} line {line} is nested too deeply for a list of hosts.")
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            raise Invalid(f"{filename} line {line} uses a reference or a type.", remedy="Write plain values.")


def _yaml_row(filename: str, node: yaml.Node) -> Row:
    """A mapping as a row; every value is taken as it is written, `0123` and `1:30` too."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode) or not all(_is_text(key) for key, _ in node.value):
        raise Invalid(f"{filename} line {line} is not a mapping of column to value.")
    _check_columns(f"{filename} line {line}", [key.value for key, _ in node.value])
    return Row(line, {key.value: _yaml_cell(filename, line, key.value, cell) for key, cell in node.value})


def _is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode)


def _yaml_cell(filename: str, line: int, key: str, cell: yaml.Node) -> str:
    if isinstance(cell, yaml.SequenceNode) and all(_is_text(item) for item in cell.value):
        return " ".join(item.value.strip() for item in cell.value)
    if not isinstance(cell, yaml.ScalarNode):
        raise Invalid(f"{filename} line {line}: {key} is not text.", remedy="Put the value in quotes.")
    written = cell.value.strip()
    return "" if cell.style is None and written in YAML_EMPTY else written


def _check_columns(where: str, names: list[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise Invalid(
            f"{where} has unknown columns: {', '.join(unknown)}.",
            remedy=f"Known columns: {', '.join(COLUMNS)}.",
        )
    if len(set(names)) != len(names):
        raise Invalid(f"{where} names a column twice.")
    if not {"kind", "name"} <= set(names):
        raise Invalid(f"{where} lacks the columns kind and name.", remedy="See docs/import-format.md.")
