"""`python -m inventory.lab.control --dir DIR …`: switch faults of a running lab, read its truth."""

import argparse
import json
import sys
from pathlib import Path

from inventory.lab.shell import client


def main() -> int:
    """Hand the words to the lab that runs in DIR; its exit status is ours."""
    parser = argparse.ArgumentParser(prog="python -m inventory.lab.control", description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("words", nargs=argparse.REMAINDER, help="fault HOST NAME[=VALUE], clear, list, …")
    options = parser.parse_args()
    description = json.loads((options.dir / "lab.json").read_text())
    return client.main(["control", *options.words], "@control", "", description["control"])


if __name__ == "__main__":
    sys.exit(main())
