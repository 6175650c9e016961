"""Documents and texts made to harm: read in bounded time and memory, refused by name, logged on one line."""

import ast
import io
import json
import logging
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from rest_framework.exceptions import ParseError

from inventory.imports.reader import MAX_BYTES, read_rows
from portal import logs
from portal.lib.errors import Invalid
from portal.web.api.parsers import BoundedJSONParser

ROOT = Path(__file__).parents[2]
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
BOMBS = {
    "object": "- !!python/object/apply:os.system ['touch /tmp/harmed']\n",
    "name": "- kind: !!python/name:os.system\n  name: x\n",
    "new": "- !!python/object/new:subprocess.Popen [['true']]\n",
    "binary": "- kind: !!binary aGVsbG8=\n",
    "laughs": LAUGHS,
    "anchor": "- &x {kind: lpar, name: a}\n- *x\n",
    "merge": "- &x {kind: lpar, name: a}\n- {<<: *x, name: b}\n",
    "deep": "[" * 50_000,
    "deep mapping": "".join(f"{' ' * n}a:\n" for n in range(2000)),
    "flow": "- {kind: lpar, name: [[[[[[[[x]]]]]]]]}\n",
    "scalar": '- kind: "' + "x" * (MAX_BYTES - 100) + '"\n',
    "documents": "--- [a]\n" * 20_000,
    "tag": "- !<tag:yaml.org,2002:python/tuple> [1]\n",
    "nul": "- kind: a\x00b\n",
}


def zipped(size: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd.csv", b"0" * size)
    return held.getvalue()


@pytest.mark.threat("T24", "T29")
@pytest.mark.asvs("1.5.2", "5.2.2")
@pytest.mark.parametrize("name", BOMBS)
def test_a_document_made_to_harm_is_refused_in_time(name: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid, match=r"hosts\.yaml"):
        read_rows("hosts.yaml", BOMBS[name].encode())
    assert time.process_time() - began < 20
    assert not Path("/tmp/harmed").exists()


@pytest.mark.threat("T29")
@pytest.mark.asvs("5.2.1", "5.2.2", "5.3.1", "5.3.2")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hosts.csv", zipped(50 * 1024 * 1024)),
        ("hosts.yaml", zipped(1024)),
        ("hosts.xlsx", zipped(1024)),
        ("hosts.zip", zipped(1024)),
        ("hosts", b"kind,name\n"),
        ("hosts.csv", b"\x1f\x8b" + b"\x00" * 100),
        ("hosts.csv", b"kind,name\n" + b"lpar,a\n" * (MAX_BYTES // 6)),
        ("hosts.csv", b"kind,name\n" + b'lpar,"' + b"x" * 200_000 + b'"\n'),
        ("hosts.csv", "kind,name\n".encode("utf-16")),
        ("../../../etc/passwd", b"kind,name\nlpar,a\n"),
        ("/etc/shadow", b"kind,name\nlpar,a\n"),
    ],
)
def test_an_upload_is_text_of_a_size_that_nobody_unpacks(name: str, content: bytes) -> None:
    with pytest.raises(Invalid):
        read_rows(name, content)


@pytest.mark.threat("T29")
@pytest.mark.asvs("5.3.2")
def test_a_name_that_climbs_is_no_path() -> None:
    rows = read_rows("../../../tmp/evil.csv", b"kind,name\nlpar,a\n")
    assert [row["name"] for row in rows] == ["a"]


@pytest.mark.threat("T24")
@pytest.mark.asvs("1.5.2")
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_json_that_is_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        BoundedJSONParser().parse(io.BytesIO(text.encode()))


@pytest.mark.threat("T24")
@pytest.mark.asvs("1.5.2")
@pytest.mark.deep
def test_nothing_of_the_product_makes_objects_of_what_it_reads() -> None:
    for path, tree in product():
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
        }
        assert not imported & {"pickle", "marshal", "shelve", "dill", "jsonpickle", "cloudpickle"}, path
        loads = re.findall(r"yaml\.(?:load|unsafe_load|full_load)\([^)]*\)", ast.unparse(tree))
        assert [
            load
            for load in loads
            if not re.search(r"Loader=(yaml\.)?(C?SafeLoader|BaseLoader|LOADER)\b", load)
        ] == []


SAFE_LOADER = re.compile(r"Loader=(?:yaml\.)?(?:C?SafeLoader|BaseLoader|LOADER)\b")


def product() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the product, without the lab."""
    for room in ("portal", "inventory", "liveupdate"):
        for path in (ROOT / room).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not name.startswith("inventory/lab/"):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


WITH_A_STYLE_OF_THEIR_OWN = {"file.html": ["<style", "|safe"]}
"""The report as one file to take away holds the portal's style sheet, and a policy that allows no script."""


@pytest.mark.threat("T11")
@pytest.mark.asvs("3.4.3")
def test_no_template_holds_script_style_or_unescaped_text() -> None:
    wrong = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b|autoescape off|safeseq"
    )
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 80
    found = {path.name: wrong.findall(path.read_text(encoding="utf-8")) for path in templates}
    assert {name: held for name, held in found.items() if held} == WITH_A_STYLE_OF_THEIR_OWN


@pytest.mark.threat("T11", "T26")
@pytest.mark.asvs("1.3.7")
def test_no_text_is_marked_safe_or_made_a_template() -> None:
    """`format_html` escapes what it is given; `mark_safe` would not, and a template of text would run it."""
    for path, tree in product():
        names = {
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        assert not names & {"from_string", "eval", "exec"}, path
        assert "mark_safe" not in names or path in MARKED, path


MARKED = {"portal/web/icons.py", "portal/web/tables.py"}
"""Icons of a package, and rows whose every cell was escaped just before."""


@pytest.mark.threat("T13")
@pytest.mark.asvs("16.2.2", "16.2.4", "16.4.1")
@pytest.mark.parametrize(
    "name",
    [
        'pay01\r\n{"event": "forged", "level": "critical"}',
        "a\nb",
        "\x1b[2J\x1b]0;x\x07",
        "\u2028\u2029\x85",
        'x"}\n',
    ],
)
def test_a_name_forges_no_line_of_a_log(name: str) -> None:
    before, level = logging.getLogger().handlers, logging.getLogger().level
    logs.configure({"level": "INFO"})
    try:
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        held = io.StringIO()
        handler.setStream(held)
        structlog.get_logger(name).warning("host.seen", host=name)
        logging.getLogger("plain").warning("contact with %s", name)
        try:
            int(name)
        except ValueError:
            logging.getLogger("plain").exception("failed")
    finally:
        logging.getLogger().handlers = before
        logging.getLogger().setLevel(level)
    lines = held.getvalue().split("\n")
    assert lines.pop() == ""
    entries = [json.loads(line) for line in lines]
    assert [entry["level"] for entry in entries] == ["warning", "warning", "error"]
    assert entries[0]["host"] == name
    assert all(entry["timestamp"].endswith("Z") for entry in entries)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", held.getvalue())


@pytest.mark.asvs("11.3.1", "11.3.2", "11.4.1", "11.5.1")
@pytest.mark.deep
def test_only_approved_algorithms_guard_anything() -> None:
    """SHA-256 and SHA-512, Fernet (AES-CBC with HMAC-SHA-256), Ed25519; chance that nobody guesses."""
    used: set[str] = set()
    dice: set[str] = set()
    for path, tree in product():
        source = ast.unparse(tree)
        used |= {f"{name} in {path}" for name in re.findall(r"hashlib\.(\w+)\(", source)}
        assert not re.search(r"\b(?:AES|ARC4|TripleDES|Blowfish|modes\.|PKCS1v15|DSAPrivateKey)\b", source), (
            path
        )
        if re.search(r"^(?:import random|from random)", source, re.MULTILINE):
            dice.add(path)
    assert {name for name in used if not name.startswith(("sha256 ", "sha512 "))} <= NO_GUARDS
    assert dice <= SPREADS


WEAK = re.compile(r"\b(?:AES|ARC4|TripleDES|Blowfish|PKCS1v15|DSAPrivateKey)\b|\bmodes\.[A-Z]{3}\b")
NO_GUARDS: set[str] = set()
SPREADS = {
    "inventory/transport/handshake.py",
    "inventory/transport/channels.py",
    "liveupdate/actions/schedules.py",
}
"""Where chance spreads load and guards nothing."""


@pytest.mark.asvs("14.3.3", "3.2.2")
def test_the_browser_keeps_choices_of_looks_alone_and_text_is_text() -> None:
    for path in sorted((ROOT / "static").glob("*.js")):
        source = path.read_text(encoding="utf-8")
        kept = re.findall(r"(?:local|session)Storage\.setItem\(([^,]+),", source)
        assert set(kept) <= {"key", "`portal-log-${name}`"}, path
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|indexedDB", source), path
