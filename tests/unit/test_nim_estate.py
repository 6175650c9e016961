"""What the answers of a NIM master add up to, and which of its machines is which LPAR."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.discovery.nim_estate import nim_estate_of
from inventory.discovery.nim_links import KnownLpar, links
from inventory.facts.base import FactMissing, Output
from inventory.facts.nim_objects import NimStanza
from tests.nim_answers import ANSWERS, FIX, LIST, MACHINES, RESOURCES, TOC, answers

BUSY = Output("", "0042-207 m_showres: Unable to allocate the fixes resource to master.\n", 1)


def test_what_an_lpp_source_holds_is_known_by_its_digests() -> None:
    estate = nim_estate_of(answers())
    source = estate.sources["aix73"]
    assert (source.files, source.size_mb, source.toc_digest) == (2, 3, f"sha256:{TOC}")
    assert [package.level for package in source.packages or ()] == ["7.3.3.1", "7.3.10.0"]
    assert estate.is_whole and not source.problem
    (fix,) = estate.sources["fixes"].ifixes or ()
    assert (fix.path, fix.label, fix.lu_capable) == ("emgr/ppc/IJ1s1a.250101.epkg.Z", "IJ1s1a", True)
    assert fix.digest == f"sha256:{FIX}"
    assert estate.data["lud_pay01"].text == "disks:\n\tnhdisk = hdisk2\n"


@pytest.mark.parametrize(
    ("named", "old", "new"),
    [
        ("nim_digests /export/aix73", "a" * 64, "c" * 64),
        ("nim_files /export/aix73", "3145728", "3145729"),
        ("nim_files /export/aix73", "bos.mp64.I", "bos.mp64.U"),
    ],
)
def test_another_size_name_or_toc_is_another_digest(named: str, old: str, new: str) -> None:
    first = nim_estate_of(answers()).sources["aix73"].contents_digest
    second = (
        nim_estate_of(answers({named: ANSWERS[named].replace(old, new)})).sources["aix73"].contents_digest
    )
    assert first.startswith("sha256:") and second.startswith("sha256:") and first != second


def test_the_order_and_dates_of_files_do_not_matter() -> None:
    listed = ANSWERS["nim_files /export/aix73"].splitlines(keepends=True)
    turned = "".join(reversed(listed)).replace("May 12 2025", "Jun  1 09:30")
    changed = nim_estate_of(answers({"nim_files /export/aix73": turned}))
    assert changed.sources == nim_estate_of(answers()).sources


@pytest.mark.parametrize(
    "named", ["nim_contents fixes", "nim_files /export/fixes", "nim_digests /export/fixes"]
)
def test_what_was_not_read_of_an_lpp_source_is_said_and_never_guessed(named: str) -> None:
    source = nim_estate_of(answers({named: BUSY})).sources["fixes"]
    assert "0042-207" in source.problem
    if named.startswith("nim_contents"):
        assert source.packages is None
    else:
        assert source.contents_digest == ""


def test_a_fix_that_was_not_asked_has_the_label_of_its_file() -> None:
    estate = nim_estate_of(answers({"nim_ifix /export/fixes/emgr/ppc/IJ1s1a.250101.epkg.Z": None}))
    (fix,) = estate.sources["fixes"].ifixes or ()
    assert (fix.label, fix.lu_capable) == ("IJ1s1a", None)


def test_a_resource_that_lies_elsewhere_is_not_looked_for_on_the_master() -> None:
    resources = RESOURCES.replace("server   = master", "server   = nim02", 2)
    estate = nim_estate_of(answers({"nim_objects_of_class resources": resources}))
    assert estate.sources["aix73"].problem == "It lies on nim02, not on the NIM master."
    assert estate.sources["aix73"].packages is None


def test_a_file_that_is_not_there_is_said() -> None:
    gone = Output("", "cat: 0652-050 Cannot open /export/lud.\n", 2)
    data = nim_estate_of(answers({"nim_live_update_data /export/lud": gone})).data["lud_pay01"]
    assert (data.text, data.problem) == (None, "There is no file /export/lud.")


def test_a_list_that_lacks_what_its_class_has_is_not_whole() -> None:
    estate = nim_estate_of(
        answers({"nim_list": LIST.replace("pay01                machines", "pay99 machines")})
    )
    assert not estate.is_whole and "pay01" in estate.problems[0]
    assert not nim_estate_of(answers({"nim_list": ""})).is_whole


def test_without_a_list_there_is_nothing_to_compare() -> None:
    with pytest.raises(FactMissing):
        nim_estate_of(answers({"nim_list": Output("", "ksh: lsnim:  not found.\n", 127)}))


def test_objects_read_one_by_one_count_as_well() -> None:
    alone = MACHINES[MACHINES.index("pay01:") :]
    facts = answers({"nim_objects_of_class machines": BUSY, "nim_object pay01": alone})
    estate = nim_estate_of(facts)
    assert estate.objects["pay01"].get("cpuid") == "00FA343B4C00" and "master" not in estate.objects


PAY01 = KnownLpar(1, "pay01", "78A1234", 26)


def objects(**changes: str) -> dict[str, NimStanza]:
    found = dict(nim_estate_of(answers()).objects)
    if changes:
        machine = found["pay01"]
        given = {name: (value,) for name, value in changes.items()}
        found["pay01"] = replace(machine, attributes={**machine.attributes, **given})
    return found


def test_a_common_host_name_links_whatever_the_profile_says() -> None:
    for profile in ("hmc01 26 9080-M9S_78A1234", "hmc01 99 9080-M9S_78A1234", ""):
        assert links(objects(mgmt_profile1=profile), [PAY01])["pay01"].ground == "name"


def test_the_own_word_of_an_lpar_counts_more_than_a_name() -> None:
    other = KnownLpar(2, "payroll", "78A1234", 30, nim_name="pay01")
    assert links(objects(), [PAY01, other])["pay01"].row == 2


def test_managed_system_and_id_link_where_no_name_does() -> None:
    renamed = replace(PAY01, name="payroll")
    link = links(objects(), [renamed, KnownLpar(2, "other", "99B0001", 26)])["pay01"]
    assert (link.row, link.ground) == (1, "profile")
    assert links(objects(), [replace(renamed, lpar_id=27)]) == {}
    assert links(objects(), [replace(renamed, lpar_id=None)]) == {}


def test_what_two_could_be_is_neither() -> None:
    twins = [KnownLpar(1, "pay01.a", "78A1234", 40), KnownLpar(2, "PAY01.b", "78A1234", 41)]
    assert links(objects(), twins) == {}


@given(
    st.lists(
        st.builds(
            KnownLpar,
            st.integers(1, 9),
            st.sampled_from(["pay01", "pay02", "x"]),
            st.sampled_from(["78A1234", "99B0001"]),
            st.sampled_from([None, 26, 27]),
            st.sampled_from(["", "pay01", "master"]),
        ),
        unique_by=lambda lpar: lpar.row,
        max_size=6,
    )
)
def test_no_lpar_is_two_machines(lpars: list[KnownLpar]) -> None:
    found = links(objects(), lpars)
    assert len({link.row for link in found.values()}) == len(found)
    assert set(found) <= {"pay01"}


def test_an_old_csum_is_made_up_for_by_openssl() -> None:
    old = Output("", "usage: csum [-o filename] [-h algorithm]\n", 1)
    changes = {
        "nim_digests /export/aix73": old,
        "nim_digests_openssl /export/aix73": f"{TOC} */export/aix73/.toc\n",
    }
    assert nim_estate_of(answers(changes)).sources == nim_estate_of(answers()).sources
