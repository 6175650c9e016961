"""The stages that the pairs share, and the table of what came of them at the end."""

from typing import Any

import pytest

from tests.matrix.cases import CASES
from tests.matrix.haste import make_haste
from tests.matrix.stage import Stages
from tests.matrix.verdicts import table


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    return Stages(tmp_path_factory.mktemp("matrix"))


@pytest.fixture(autouse=True)
def no_sealer_is_missed(settings: Any) -> None:
    """The pairs of a stage go on longer than entries may wait for a sealer, and none runs beside them."""
    settings.PORTAL_SEALER_AWAY_S = float("inf")


@pytest.fixture(autouse=True)
def haste(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = getattr(request.node, "callspec", None)
    said = CASES["faults"].get(pair.params["fault"], {}) if pair else {}
    real = said.get("in_real_time", ())
    make_haste(monkeypatch, time_limits=pair is None or pair.params["case"] not in real)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What came of each pair."""
    lines = table([*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")])
    if lines:
        terminalreporter.section("matrix")
    for line in lines:
        terminalreporter.write_line(line)
