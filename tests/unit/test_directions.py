"""Directions that the import contracts of pyproject.toml cannot say."""

import re
from pathlib import Path

import pytest

import liveupdate.readiness

CHECKS = sorted(Path(liveupdate.readiness.__file__).parent.glob("rq_*.py"))


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_a_check_knows_no_other_check(path: Path) -> None:
    assert not re.findall(r"^\s*(?:from|import)\s.*\brq_\d+", path.read_text(), re.MULTILINE)
