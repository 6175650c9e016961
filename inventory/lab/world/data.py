"""Reads the lab's data files, with libyaml where it is there."""

from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """What a YAML text holds."""
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - both loaders are the safe ones
