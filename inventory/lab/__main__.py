"""`python -m inventory.lab --dir DIR --speed N`: run the lab until SIGTERM or SIGINT."""

import argparse
import asyncio
import logging
import signal
from pathlib import Path

from inventory.lab.lab import Lab


def main() -> None:
    """Run the lab in the foreground; `DIR/lab.json` appears when every host answers."""
    parser = argparse.ArgumentParser(prog="python -m inventory.lab", description=main.__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where the lab keeps everything")
    parser.add_argument("--speed", type=float, default=1.0, help="divides all simulated durations")
    parser.add_argument("--scenario", default="demo", help="a file of inventory/lab/scenarios")
    options = parser.parse_args()
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    asyncio.run(_run(options.dir, options.speed, options.scenario))


async def _run(directory: Path, speed: float, scenario: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await Lab(directory, speed=speed, scenario=scenario).run(stop)


if __name__ == "__main__":
    main()
