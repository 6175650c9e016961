"""lvupdate.data is written as AIX reads it, and holds nothing that could break it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveupdate.lpar.lvupdate_data import BadLvupdateData, LvupdateData
from liveupdate.procedures.words import BadWord

PLAIN = LvupdateData(("hdisk2",), ("hdisk10",), "hmc01", "liveupdate")


def test_the_file_as_aix_expects_it() -> None:
    assert PLAIN.text() == (
        "general:\n"
        "\tkext_check    = yes\n"
        "\tcpu_reduction = no\n"
        "\n"
        "disks:\n"
        "\tnhdisk  = hdisk2\n"
        "\tmhdisk  = hdisk10\n"
        "\ttohdisk =\n"
        "\ttshdisk =\n"
        "\n"
        "hmc:\n"
        "\tlpar_id            =\n"
        "\tmanagement_console = hmc01\n"
        "\tuser               = liveupdate\n"
    )


def test_a_mirrored_rootvg_names_two_disks_each() -> None:
    text = replace(PLAIN, nhdisk=("hdisk2", "hdisk3"), mhdisk=("hdisk4", "hdisk5"), lpar_id=31).text()
    assert "\tnhdisk  = hdisk2,hdisk3\n\tmhdisk  = hdisk4,hdisk5\n" in text
    assert "\tlpar_id            = 31\n" in text


def test_switches() -> None:
    text = replace(PLAIN, kext_check=False, cpu_reduction=True).text()
    assert "\tkext_check    = no\n\tcpu_reduction = yes\n" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nhdisk": ()}, "needs a disk"),
        ({"mhdisk": ()}, "needs a disk"),
        ({"mhdisk": ("hdisk2",)}, "hdisk2 twice"),
        ({"tohdisk": ("hdisk10",)}, "hdisk10 twice"),
    ],
)
def test_disks_that_cannot_be(changes: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(BadLvupdateData, match=words):
        replace(PLAIN, **changes).text()


@given(evil=st.text(min_size=1).filter(lambda text: any(c in "\n\r\t \x00:=#,'\"$;" for c in text)))
def test_no_value_can_add_a_line_or_a_key(evil: str) -> None:
    for changes in ({"nhdisk": (evil,)}, {"user": evil}):
        with pytest.raises(BadWord):
            replace(PLAIN, **changes).text()


@pytest.mark.parametrize("evil", ["hmc01\n\tuser = root", "", "-a", "hmc 01", "hmc01;id"])
def test_no_console_can_add_a_line(evil: str) -> None:
    with pytest.raises(BadWord):
        replace(PLAIN, management_console=evil).text()


def test_every_attribute_is_indented_by_a_tab() -> None:
    for line in PLAIN.text().splitlines():
        assert line == "" or line.endswith(":") or line.startswith("\t")
