"""What an LPAR was judged by stands in rows: one per check, with the lines it rests on and since when."""

from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest
from django.utils.timezone import localdate

from inventory.actions.facts import stored_facts
from inventory.facts.base import Output
from inventory.models import Lpar
from liveupdate.actions.judging import do_judge, waiting_judgements
from liveupdate.actions.verdicts import judge, judge_again
from liveupdate.models import GivenAnswer, StoredFinding
from liveupdate.readiness.catalogue import CHECKS
from liveupdate.records.finding_document import finding_document, stored_documents
from liveupdate.states import Verdict
from portal.access.models import User
from tests.fleet import make_fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def lpar() -> Lpar:
    return make_fleet().lpars["pay01"]


def test_each_check_has_a_row_that_says_what_it_found(lpar: Lpar) -> None:
    assessment = judge_again(lpar)
    rows = list(StoredFinding.objects.filter(lpar=lpar))
    assert [row.check_id for row in rows] == [check.id for check in CHECKS]
    assert stored_documents(rows) == [finding_document(finding) for finding in assessment.findings]
    assert [row.undecided for row in rows] == [finding.undecided for finding in assessment.findings]


def test_a_finding_keeps_its_age_until_it_says_something_else(lpar: Lpar) -> None:
    before = {row.check_id: row for row in lpar.findings.all()}
    facts = stored_facts(lpar)
    old = facts.readings["trustchk", ""]
    facts.add(replace(old, output=Output("TE=ON\nSTOP_UNTRUSTD=ON\n", "", 0)))
    judge(lpar, facts)
    after = {row.check_id: row for row in lpar.findings.all()}
    changed = {name for name in after if after[name].found_at != before[name].found_at}
    assert "RQ-140" in changed
    assert all(after[name].message != before[name].message for name in changed)


def test_a_check_that_is_no_more_leaves_no_row(lpar: Lpar) -> None:
    first = lpar.findings.first()
    assert first is not None
    first.pk, first.check_id = None, "RQ-999"
    first.save()
    assert "RQ-999" not in [found["id"] for found in stored_documents(list(lpar.findings.all()))]
    judge_again(lpar)
    assert not lpar.findings.filter(check_id="RQ-999").exists()


def test_other_rules_and_answers_that_ran_out_have_lpars_judged_again(lpar: Lpar) -> None:
    assert waiting_judgements() == []
    Lpar.objects.filter(pk=lpar.pk).update(judged_by="other rules", verdict=Verdict.READY)
    lpar.findings.all().delete()
    assert waiting_judgements() == [lpar.pk]
    do_judge(lpar.pk)
    assert waiting_judgements() == []
    assert lpar.findings.count() == len(CHECKS)
    by = User.objects.get(username="ana")
    given = {"holds": True, "reason": "asked the team", "by": by}
    GivenAnswer.objects.create(lpar=lpar, check_id="RQ-171", good_until=localdate(), **given)
    do_judge(lpar.pk)
    assert lpar.findings.get(check_id="RQ-171").state == "ok"
    assert waiting_judgements() == []
    GivenAnswer.objects.update(good_until=localdate() - timedelta(days=1))
    Lpar.objects.filter(pk=lpar.pk).update(judge_again_on=localdate())
    assert waiting_judgements() == [lpar.pk]
    do_judge(lpar.pk)
    assert lpar.findings.get(check_id="RQ-171").state == "unknown"
    assert waiting_judgements() == []


def test_the_verdict_never_stands_without_its_findings(lpar: Lpar) -> None:
    Lpar.objects.filter(pk=lpar.pk).update(verdict=Verdict.UNKNOWN)
    with (
        mock.patch("liveupdate.actions.verdicts.evidence_document", side_effect=RuntimeError),
        pytest.raises(RuntimeError),
    ):
        judge_again(lpar)
    lpar.refresh_from_db()
    assert lpar.verdict == Verdict.UNKNOWN
