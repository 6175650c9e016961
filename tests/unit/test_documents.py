"""The documents name what exists: commands, settings, files."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from liveupdate.diagnosis.document import pages
from liveupdate.readiness.catalogue import CHECKS
from liveupdate.readiness.document import document_of

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in DOCUMENTS}
EVERYTHING = "\n".join(TEXTS.values())
READ_FROM_ENVIRONMENT = re.compile(r'\b(?:env\.\w+|secret)\(\s*"([A-Z_]+)"')


@pytest.mark.parametrize("name", sorted(set(re.findall(r"manage\.py ([a-z_]+)", EVERYTHING))))
def test_every_command_exists(name: str) -> None:
    assert name in get_commands()


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"manage\.py ([a-z_]+ [^`\n]*--[^`\n#]*)", EVERYTHING)))
)
def test_every_option_exists(command: str) -> None:
    name = command.split(maxsplit=1)[0]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    known = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"(?<![\w-])--[a-z-]+", command)) <= known


def test_settings_and_the_administrators_guide_name_the_same_variables() -> None:
    source = "".join((ROOT / "portal" / name).read_text() for name in ("settings.py", "env.py"))
    read = set(READ_FROM_ENVIRONMENT.findall(source)) | {"SECRET_KEY_FILE"}
    assert len(read) > 15
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", TEXTS["docs/admin-guide.md"]))
    assert read - told == set()
    rows = re.findall(r"^\| (`[A-Z].*?) \|", TEXTS["docs/admin-guide.md"] + TEXTS["README.md"], re.MULTILINE)
    settable = {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)(?:=1)?`", row)}
    assert settable - read == set()


@pytest.mark.parametrize("document", sorted(TEXTS))
def test_every_link_leads_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", TEXTS[document]):
        if not target.startswith("http"):
            assert (ROOT / document).parent.joinpath(target).exists(), target


def test_the_page_of_readiness_checks_is_current() -> None:
    page = TEXTS["docs/readiness-checks.md"]
    assert page == document_of(CHECKS), "run manage.py document_checks"


def test_the_pages_of_signatures_are_current() -> None:
    directory = "docs/signatures/"
    there = {name.removeprefix(directory): text for name, text in TEXTS.items() if name.startswith(directory)}
    assert there == pages(), "run manage.py document_signatures"
