"""Outcomes against expectations: what is met, and what the sentence says otherwise."""

import pytest

from liveupdate.engine.judge import Outcome, judge
from liveupdate.procedures.step import Expect


def test_exit_status_alone() -> None:
    assert judge(Expect(), Outcome(0)).met
    refused = judge(Expect(), Outcome(1, [b"fine so far\n"], [b"0505-123 no such disk\n"]))
    assert not refused.met
    assert refused.message == (
        "It ended with exit status 1, expected was 0. Its last line: 0505-123 no such disk"
    )


def test_unknown_status_is_never_met() -> None:
    assert not judge(Expect(), Outcome(None)).met
    assert "no exit status" in judge(Expect(statuses=(0, 1)), Outcome(None)).message


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_patterns_are_looked_for_in_both_streams(stream: str) -> None:
    outcome = Outcome(0, **{stream: [b"one\nThe live update operation succeeded.\nlast\n"]})
    assert judge(Expect(has=(r"^The live update operation succeeded\.$",)), outcome).met


def test_the_positive_sentence_is_needed_even_with_status_0() -> None:
    verdict = judge(Expect(has=("succeeded",)), Outcome(0, [b"nothing of it\n"]))
    assert not verdict.met
    assert verdict.message == "Its output does not say 'succeeded'."


def test_a_refusal_is_told_in_words_with_its_cause_first_and_once() -> None:
    expect = Expect(has=(r"The live update preview succeeded\.", r"^\d+ done"), lacks=(r"1430-\d{3} FAILED",))
    verdict = judge(expect, Outcome(1, [b"1430-237 FAILED: No console.\n*********\n"]))
    assert verdict.message == (
        "It ended with exit status 1, expected was 0. Its output says '1430-237 FAILED: No console.'."
        " Its output does not say 'The live update preview succeeded.'."
        r" Its output does not say what matches ^\d+ done."
    )


def test_a_forbidden_line_is_quoted() -> None:
    outcome = Outcome(0, [b"fine\n1430-045 The Live Update operation failed.\nend\n"])
    verdict = judge(Expect(lacks=(r"1430-045\b",)), outcome)
    assert not verdict.met
    assert verdict.message == "Its output says '1430-045 The Live Update operation failed.'."


def test_a_terminals_line_ends_do_not_hide_a_pattern() -> None:
    assert judge(Expect(has=(r"^ok$",)), Outcome(0, [b"ok\r\n"])).met


def test_equal_to_saved_output_aside_from_order_and_trailing_blanks() -> None:
    expect = Expect(equals_saved="look-tunables")
    assert judge(expect, Outcome(0, [b"b=2\na=1  \n"]), [b"a=1\nb=2\n\n"]).met
    changed = judge(expect, Outcome(0, [b"a=1\nb=3\n"]), [b"a=1\nb=2\n"])
    assert not changed.met
    assert changed.message == "It differs from look-tunables: missing 'b=2', new 'b=3'."
    assert not judge(expect, Outcome(0, [b"a=1\na=1\nb=2\n"]), [b"a=1\nb=2\n"]).met


def test_saved_output_that_is_missing_is_said() -> None:
    verdict = judge(Expect(equals_saved="look"), Outcome(0, [b"x"]), None)
    assert verdict.message == "The output of look, which it must repeat, is not there."


def test_bytes_that_are_no_text_do_not_break_the_judge() -> None:
    assert judge(Expect(has=("end",)), Outcome(0, [b"\xff\xfe\x00 end"])).met
