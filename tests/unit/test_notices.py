"""The words of mails: a link and a summary, nothing that decides, nothing that can be forged."""

import pytest

from liveupdate.control.notices import SAID, Occasion, Summary, letter

SUMMARY = Summary(
    number="R-000012",
    name="pay01",
    facts={"What": "Update, to 7300-02-01-2346", "LPAR": "pay01, team Payroll", "Why": "security fixes"},
    address="https://portal.example/requests/12/",
)
CHOICES = "https://portal.example/notices/"


@pytest.mark.parametrize("occasion", Occasion)
def test_each_occasion_has_words_a_link_and_no_button(occasion: Occasion) -> None:
    written = letter(occasion, SUMMARY, ["hdisk2 is held"], CHOICES)
    assert written.subject == f"R-000012 pay01: {SAID[occasion]}"
    assert SUMMARY.address in written.text and "hdisk2 is held" in written.text
    assert [line for line in written.text.split() if line.startswith("http")] == [SUMMARY.address, CHOICES]


@pytest.mark.parametrize("evil", ["x\nBcc: all@example.test", "x\r\n\r\nhello", "a\x1b[31mb", "a\u202eb"])
def test_what_people_and_hosts_wrote_stays_within_its_line(evil: str) -> None:
    summary = Summary(evil, evil, {"What": evil, "Why": evil}, "https://portal.example/")
    written = letter(Occasion.HELD, summary, [evil], CHOICES)
    assert "\n" not in written.subject and "\r" not in written.subject + written.text
    assert not any(line.startswith(("Bcc", "hello")) for line in written.text.splitlines())
    assert "\x1b" not in written.text and "\u202e" not in written.text


def test_a_long_text_is_cut() -> None:
    written = letter(Occasion.FAILED, SUMMARY, ["x" * 100_000], CHOICES)
    assert len(written.text) < 3000 and len(written.subject) <= 200
