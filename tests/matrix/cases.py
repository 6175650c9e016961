"""What `cases.yaml` holds."""

from pathlib import Path
from typing import Any

from tests.yaml_data import load

CASES: dict[str, Any] = load(Path(__file__).parent / "cases.yaml")
