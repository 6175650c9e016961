"""Live Update's milestones are found in its output, however the bytes arrive."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveupdate.lpar.milestones import STRETCH_TITLES, Course, Meaning, Milestone, Recogniser, Stretch, course

DATA = Path(__file__).parents[1] / "data" / "milestones"
FILES = sorted(path.name for path in DATA.iterdir())


def read(name: str) -> bytes:
    return (DATA / name).read_bytes()


def recognise(*pieces: bytes) -> list[Milestone]:
    recogniser = Recogniser()
    return [milestone for piece in pieces for milestone in recogniser.feed(piece)]


def ids(milestones: list[Milestone]) -> list[str]:
    return [milestone.id for milestone in milestones]


def test_an_update_of_72() -> None:
    found = recognise(read("update_72.txt"))
    assert ids(found) == (
        "M01 M01 M01 M02 M03 M19 M20 M21 M22 M25 M27 M28 M29 M29".split()  # noqa: SIM905
    )
    assert course(found) == Course(
        succeeded=True,
        failed=False,
        past_no_return=True,
        in_blackout=False,
        blackout_s=None,
        duration_s=None,
    )


def test_a_rehearsal_of_73_tells_its_times() -> None:
    found = recognise(read("rehearsal_73.txt"))
    expected = [f"M{number:02d}" for number in range(2, 28)]
    expected.insert(expected.index("M11"), "M11")
    assert ids(found) == [*expected, "M29", "M29"]
    judged = course(found)
    assert judged.succeeded and judged.blackout_s == 21 and judged.duration_s == 658
    assert found[0].stamp == "01/29/2025-09:09:09"
    assert found[1].meaning is Meaning.POINT_OF_NO_RETURN and found[1].stamp == ""


def test_a_failure_in_the_blackout() -> None:
    found = recognise(read("failed_in_blackout_72.txt"))
    assert ids(found) == ["M20", "F02", "F01"]
    judged = course(found)
    assert judged.failed and not judged.succeeded and not judged.in_blackout


def test_a_refused_installation_fails() -> None:
    found = recognise(read("refused_ifixes_72.txt"))
    assert ids(found) == ["F14"]
    assert course(found).failed and not course(found).past_no_return


def test_a_preview_is_no_update() -> None:
    found = recognise(read("preview_72.txt"))
    assert [m.meaning for m in found] == [Meaning.PROGRESS, Meaning.PREVIEW_SUCCEEDED]
    judged = course(found)
    assert not judged.succeeded and not judged.failed and not judged.past_no_return


def test_an_output_cut_in_the_blackout_is_unknown() -> None:
    whole = read("rehearsal_73.txt")
    judged = course(recognise(whole[: whole.index(b"Blackout Time end")]))
    assert judged.in_blackout and not judged.succeeded and not judged.failed


@pytest.mark.parametrize("name", FILES)
def test_the_offset_is_that_of_the_sentence(name: str) -> None:
    whole = read(name)
    for milestone in recognise(whole):
        assert whole[milestone.offset :].startswith(milestone.text.encode())


@given(data=st.data(), name=st.sampled_from(FILES))
def test_any_cutting_gives_the_same_milestones(data: st.DataObject, name: str) -> None:
    whole = read(name)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=40)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert recognise(*pieces) == recognise(whole)


NOISE = st.sampled_from(
    [b".", b"\r", b"\n", b"\t", b" ", b"\x00", b"\xff", b"Blackout Time", b" started.", b"x" * 330, b"1430-"]
)
SENTENCES = st.sampled_from(
    [b"Blackout Time started.", b"01/29/2025-09:17:37 Blackout Time end.", b"Live AIX update completed."]
)


@given(parts=st.lists(NOISE | SENTENCES, max_size=30), size=st.integers(1, 400))
def test_noise_cut_anywhere_gives_the_same_milestones(parts: list[bytes], size: int) -> None:
    whole = b"".join(parts)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert recognise(*pieces) == recognise(whole)


def test_a_stream_joined_late_counts_from_there() -> None:
    recogniser = Recogniser(offset=1000)
    assert recogniser.feed(b"...\r\n\tBlackout Time started.")[0].offset == 1006


def test_a_milestone_is_known_before_its_line_ends() -> None:
    assert ids(recognise(b"....Moving workload to surrogate LPAR.")) == ["M19"]
    assert ids(recognise(b"....Moving workload to surrogate LPAR")) == []


def test_dots_may_stand_between_stamp_and_sentence() -> None:
    (found,) = recognise(b"..01/29/2025-09:17:16 ....Blackout Time started.\r")
    assert (found.stamp, found.text) == ("01/29/2025-09:17:16", "Blackout Time started.")


@pytest.mark.parametrize(
    "line",
    [
        b"grep 'Blackout Time started.' log\n",
        b"x" * 400 + b"Blackout Time started.\n",
        b"13:00 Blackout Time started.\n",
        b"1430-045x The Live Update operation failed.\n",
    ],
)
def test_a_sentence_inside_other_text_is_no_milestone(line: bytes) -> None:
    assert recognise(line) == []
    assert ids(recognise(line + b"Blackout Time end.")) == ["M21"]


def test_an_impossible_stamp_has_no_time() -> None:
    found = recognise(b"99/39/2025-29:17:16 Blackout Time started.\n01/01/2025-00:00:01 Blackout Time end.")
    assert found[0].local_at is None
    assert course(found).blackout_s is None


def test_a_milestone_is_json_for_the_page() -> None:
    (found,) = recognise(b"Blackout Time started.")
    assert found.as_dict() == {
        "id": "M20",
        "text": "Blackout Time started.",
        "offset": 0,
        "stretch": "move",
        "meaning": "blackout_started",
        "stamp": "",
    }


def test_every_stretch_has_a_title() -> None:
    assert list(STRETCH_TITLES) == list(Stretch)


def test_the_published_update_of_73_stood_still_for_21_of_658_seconds() -> None:
    """The times are the LPAR's own, whenever and in however many pieces the bytes come."""
    whole = read("rehearsal_73.txt")
    for size in (1, 7, 1000):
        judged = course(recognise(*(whole[at : at + size] for at in range(0, len(whole), size))))
        assert (judged.blackout_s, judged.duration_s) == (21, 658)


@pytest.mark.parametrize("prefix", [b"laboh: ", b"[laboh] ", b"\t", b"> "])
def test_a_stream_with_prefixes_tells_the_same(prefix: bytes) -> None:
    """NIM and wrappers put the client's name before each line."""
    whole = b"".join(prefix + line for line in read("rehearsal_73.txt").splitlines(keepends=True))
    judged = course(recognise(whole))
    assert judged.succeeded and (judged.blackout_s, judged.duration_s) == (21, 658)
    blackout = [found.meaning for found in recognise(prefix + b"\tBlackout Time started.\r\n")]
    assert blackout == [Meaning.BLACKOUT_STARTED]


def test_a_carriage_return_begins_a_line() -> None:
    text = b"....\r\tBlackout Time started.\r\r..\r\tBlackout Time end.\r"
    text += b"Workload is running on surrogate LPAR."
    assert ids(recognise(text)) == ["M20", "M21", "M22"]
