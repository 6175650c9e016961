"""IBM's list of security and HIPER faults, and which of them an LPAR has.

The lines have the shape of the published list (IBM FLRT, page aparCSV; an older copy lies in
github.com/SAAssist/saassist-server, saassist/data/cache/flrt_cache.csv); their texts are shortened.
"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.compliance.apar_list import COLUMNS, AparList, BadList, Range, read_apar_list
from inventory.compliance.exposure import Advisories
from inventory.facts.aix.emgr_list import Ifix
from inventory.facts.filesets import Fileset

HEAD = ",".join(COLUMNS)
LU = (
    "hiper,aix,7200-00-00 :: 7200-00-01,IFIX STATE MAY BE LEFT AS Q,IV79639,7200-00-02,"
    "IV79639s0a.151210.72TL00SP00.epkg.Z IV79639s0a.151210.72TL00SP01.epkg.Z,http://ibm.example/IV79639,"
    "bos.liveupdate.rte:7.2.0.0-7.2.0.1,20151210,,none,https://aix.example/iv79639/,,LU"
)
NTP = (
    "sec,aix,7200-05-00 :: 7200-05-01,Vulnerabilities in NTP,IV87939,7200-05-02,"
    "IV84456s5b.160607.epkg.Z / IV84984m5b.160708.epkg.Z DEPRECATED::IV84984m5a.160616.epkg.Z,"
    "https://aix.example/ntp_advisory7.asc,bos.net.tcp.client:7.2.5.0-7.2.5.102 ntp.rte:6.1.6.0-6.1.6.4 ,"
    "20160906,20161017,7100-04:IV87420,https://aix.example/ntp_fix7.tar,"
    "CVE-2015-7974:5.3 / CVE-2016-1550:4.0 / CVE-2015-8241: 9.1,no"
)
SHORT = (
    "sec,aix,7200-05-00,Packets,IV85460,None,None,u,devices.eth.rte:7.2.5.101-103 pool.rte:<7.2.5.45 "
    "lone.rte:7.2.5.100,20160606,,,d,,yes"
)
VIOS = "hiper,vios,2.2.3.0,Pool,IV70381,2.2.3.50,x.fix.tar,u,pool.basic.rte:<6.1.9.45,20150603,,n/a,d,,yes"


def listed(*lines: str) -> AparList:
    return read_apar_list("\n".join([HEAD, *lines, ""]).encode())


def fileset(name: str, level: str, kind: str = "F") -> Fileset:
    return Fileset(name, level, "C", kind, locked=False, description="")


def ifix(label: str, state: str = "S") -> Ifix:
    return Ifix(1, state, label, "04/30/20 11:03:46", updated_by="", abstract="")


def test_a_line_with_everything() -> None:
    advisory = listed(NTP).advisories[0]
    assert (advisory.type, advisory.apar, advisory.fixed_in) == ("sec", "IV87939", "7200-05-02")
    assert advisory.versions == ("7200-05-00", "7200-05-01")
    assert advisory.labels == ("IV84456s5b", "IV84984m5b")
    assert advisory.ranges[1] == Range("ntp.rte", (6, 1, 6, 0), (6, 1, 6, 4))
    assert advisory.cves == ("CVE-2015-7974", "CVE-2016-1550", "CVE-2015-8241")
    assert advisory.cvss == Decimal("9.1")
    assert (advisory.issued_on, advisory.updated_on) == (date(2016, 9, 6), date(2016, 10, 17))
    assert advisory.reboot == "no"


def test_a_fix_for_live_update_is_recognised() -> None:
    assert listed(LU).advisories[0].reboot == "live_update"


@pytest.mark.parametrize(
    ("name", "level", "has_it"),
    [
        ("devices.eth.rte", "7.2.5.100", False),
        ("devices.eth.rte", "7.2.5.103", True),
        ("devices.eth.rte", "7.2.5.104", False),
        ("devices.eth.rte", "7.2.5.11", False),
        ("pool.rte", "7.2.5.44", True),
        ("pool.rte", "7.2.5.45", False),
        ("pool.rte", "6.1.9.200", True),
        ("lone.rte", "7.2.5.100", True),
        ("lone.rte", "7.2.5.101", False),
    ],
)
def test_ranges_of_filesets(name: str, level: str, has_it: bool) -> None:
    advisories = Advisories(listed(SHORT).advisories)
    assert bool(advisories.of([fileset(name, level)], [])) is has_it


def test_an_rpm_of_the_same_name_is_something_else() -> None:
    advisories = Advisories(listed(SHORT).advisories)
    assert advisories.of([fileset("lone.rte", "7.2.5.100", "R")], []) == []


@pytest.mark.parametrize(
    ("label", "state", "cure"),
    [
        ("IV84984m5b", "S", "IV84984m5b"),
        ("IV87939s9z", "S", "IV87939s9z"),
        ("IV84984m5b", "Q", ""),
        ("IV84984m5a", "S", ""),
        ("IJ00000s1a", "S", ""),
    ],
)
def test_a_stable_interim_fix_that_the_list_names_cures(label: str, state: str, cure: str) -> None:
    exposures = Advisories(listed(NTP).advisories).of([fileset("ntp.rte", "6.1.6.3")], [ifix(label, state)])
    assert [exposure.cured_by for exposure in exposures] == [cure]
    assert exposures[0].filesets == ("ntp.rte 6.1.6.3",)


def test_other_products_are_counted_and_repeated_lines_are_one() -> None:
    read = listed("3.1,2026.11.20", VIOS, NTP, NTP, LU)
    assert (len(read.advisories), read.skipped, read.published_on) == (2, 1, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("ntp.rte:6.1.6.0-6.1.6.4", "ntp.rte:6.1.6.x", "6.1.6.x"),
        ("ntp.rte:6.1.6.0-6.1.6.4", "ntp.rte:6.1.6.4-6.1.6.0", "ends before it begins"),
        ("ntp.rte:6.1.6.0-6.1.6.4", "ntp.rte", "not FILESET:LOW-HIGH"),
        ("20160906", "2016-09-06", "not a day"),
        (",no", ",perhaps", "none of yes, no and LU"),
        ("sec,", "other,", "neither sec nor hiper"),
    ],
)
def test_a_line_that_is_not_understood_is_named(before: str, after: str, why: str) -> None:
    read = listed(LU, NTP.replace(before, after, 1))
    assert len(read.advisories) == 1
    assert [(refusal.line, why in refusal.reason) for refusal in read.refused] == [(3, True)]


@pytest.mark.parametrize("content", [b"", b"a,b\n", HEAD.encode()[5:], HEAD.encode() + b'\nsec,"aix\n'])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadList):
        read_apar_list(content)


@given(st.integers(0, len(NTP)), st.integers(0, 9), st.text(max_size=5))
def test_noise_gives_an_advisory_or_a_refusal(start: int, length: int, noise: str) -> None:
    text = "\n".join([HEAD, NTP[:start] + noise + NTP[start + length :]])
    try:
        read = read_apar_list(text.encode("utf-8", "surrogatepass"))
    except BadList:
        return
    for advisory in read.advisories:
        assert advisory.ranges
        assert all(affected.low is None or affected.low <= affected.high for affected in advisory.ranges)
