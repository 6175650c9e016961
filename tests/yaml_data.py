"""Reads the tests' data files with libyaml, which takes a tenth of the time of the loader in Python."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def load(path: Path) -> Any:
    """What a YAML file holds; it is read once, so nobody may change it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
