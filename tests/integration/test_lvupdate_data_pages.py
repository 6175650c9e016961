"""The lvupdate.data of an LPAR, looked over and compared: on the page of a plan and on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from tests.fleet import Fleet, make_fleet

pytestmark = pytest.mark.django_db
EDITED = (
    "disks:\n\tnhdisk = hdisk0\nmhdisk = hdisk10\n"
    "hmc:\n\tmanagement_console =\n\tuser = \u201cliveupdate\u201d\n"
)


@pytest.fixture
def fleet() -> Fleet:
    fleet = make_fleet()
    fleet.lpars["pay01"].host.readings_about.filter(fact="lvupdate_data").update(
        stdout=EDITED, stderr="", status=0, state="ok", problem=""
    )
    return fleet


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    try:
        call_command("lvupdate_data", *words, "--json")
    except SystemExit as left:
        return int(left.code or 0), json.loads(capsys.readouterr().out)
    except CommandError as failed:
        return failed.returncode, json.loads(capsys.readouterr().out)
    return 0, json.loads(capsys.readouterr().out)


def test_the_plan_is_read_beside_the_file_that_is_there(fleet: Fleet, client: Client) -> None:
    request = fleet.planned()
    assert request.plan is not None, request.state_reason
    client.force_login(fleet.people["ana"])
    page = client.get(request.get_absolute_url()).content.decode()
    assert "mhdisk begins in column 0: AIX skips it without a word." in page
    assert "hdisk0 belongs to rootvg." in page
    assert '<span class="del">-mhdisk = hdisk10' in page
    assert '<span class="ins">+\tmhdisk  = hdisk10' in page


def test_lint(fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lvupdate.data"
    file.write_text(EDITED)
    status, remarks = run(capsys, "lint", str(file))
    assert (status, {remark["code"] for remark in remarks}) == (1, {"missing", "skipped-key", "typographic"})
    status, remarks = run(capsys, "lint", str(file), "--lpar", "pay01")
    assert status == 1 and "disk-taken" in {remark["code"] for remark in remarks}
    assert run(capsys, "lint", str(tmp_path / "absent"))[0] == 2


def test_what_is_generated_is_clean_and_the_same_again(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer = run(capsys, "generate", "--lpar", "pay01")
    assert status == 0 and "\tnhdisk  = hdisk2\n\tmhdisk  = hdisk10\n" in answer["text"]
    file, edited = tmp_path / "lvupdate.data", tmp_path / "edited"
    file.write_text(answer["text"])
    edited.write_text(EDITED)
    assert [each["code"] for each in run(capsys, "lint", str(file))[1]] == []
    assert run(capsys, "diff", str(file), "--lpar", "pay01") == (0, {"same": True, "diff": []})
    status, answer = run(capsys, "diff", str(edited), str(file))
    assert (status, answer["same"]) == (1, False) and "-mhdisk = hdisk10" in answer["diff"]
    assert run(capsys, "diff", str(file))[0] == 2


def test_generate_from_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--nhdisk", "hdisk2,hdisk3", "--mhdisk", "hdisk4 hdisk5", "--console", "hmc01", "--user", "lu"]
    status, answer = run(capsys, "generate", *words)
    assert status == 0 and "\tmhdisk  = hdisk4,hdisk5\n" in answer["text"]
    assert run(capsys, "generate", "--nhdisk", "hdisk2", "--console", "hmc01", "--user", "lu")[0] == 2
