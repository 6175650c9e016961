"""What the portal is made of: the bill of materials, licences, and the lock file with its hashes."""

import json
import re
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement
from packaging.version import Version

from portal.runner.materials import cyclone_dx, materials

pytestmark = [pytest.mark.threat("T34"), pytest.mark.asvs("15.1.2")]

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)", LOCK, re.MULTILINE))
DIRECT = [
    Requirement(text)
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    if (text := line.split("#")[0].strip())
]
TAKEN = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python|LGPL|Unlicense|EPL|HPND|OFL|Zope|Dual|not said|MIT-CMU"
)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_bill_names_every_package_with_version_licence_and_needs() -> None:
    out = StringIO()
    call_command("bill_of_materials", stdout=out)
    bill = json.loads(out.getvalue())
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    named = {each["name"]: each for each in bill["components"]}
    assert {plain(need.name) for need in DIRECT} <= set(named)
    assert len(named) > len(DIRECT) + 15
    for each in named.values():
        assert each["version"] == version(each["name"])
        assert each["purl"] == each["bom-ref"] == f"pkg:pypi/{each['name']}@{each['version']}"
    references = {each["bom-ref"] for each in bill["components"]}
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert references <= set(needs)
    assert {ref for needed in needs.values() for ref in needed} <= references
    assert named["kombu"]["purl"] in needs[named["celery"]["purl"]]


def test_the_same_packages_give_the_same_bill() -> None:
    found = materials(REQUIREMENTS)
    assert cyclone_dx(found) == cyclone_dx(list(materials(REQUIREMENTS)))


def test_no_licence_forbids_what_the_portal_does_with_it() -> None:
    out = StringIO()
    call_command("bill_of_materials", "--licences", stdout=out)
    rows = [line.split("\t") for line in out.getvalue().splitlines()]
    assert len(rows) > 40
    assert [row for row in rows if not TAKEN.search(row[1])] == []


def test_the_lock_pins_every_package_with_hashes() -> None:
    assert {plain(need.name) for need in DIRECT} <= set(PINS)
    for need in DIRECT:
        assert Version(PINS[plain(need.name)]) in need.specifier, need
    blocks = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PINS)
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_names_no_index() -> None:
    assert "://" not in LOCK


def test_what_is_installed_is_in_the_lock() -> None:
    """Versions may differ where a developer has newer ones; no package is there that nobody pinned."""
    assert {each.name for each in materials(REQUIREMENTS)} - set(PINS) == set()
