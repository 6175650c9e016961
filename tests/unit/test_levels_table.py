"""The levels table says what the handbook says, and refuses what does not decide."""

from pathlib import Path

import pytest

import liveupdate.knowledge.levels as levels
from inventory.facts.level import Level
from liveupdate.knowledge.levels import Defect, Feature, Software

TEXT = (Path(levels.__file__).parent / "levels.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("feature", "last_without", "first_with"),
    [
        (Feature.INTERIM_FIXES, "7200-00-00-0000", "7200-00-01-1543"),
        (Feature.SERVICE_PACKS, "7200-00-05-1731", "7200-01-00-0000"),
        (Feature.POWERVC, "7200-01-05-1845", "7200-02-00-1737"),
        (Feature.CPU_REDUCTION, "7200-02-06-1937", "7200-03-00-1837"),
        (Feature.AUTOFS_NFS, "7200-03-07-2114", "7200-04-00-1937"),
        (Feature.NPIV_TAPE, "7200-04-06-2220", "7200-05-00-2037"),
        (Feature.AUDIT_STREAM, "7300-02-02-2420", "7300-03-00-2446"),
        (Feature.IPSEC_AUTO_MIGRATE, "7200-05-11-2546", "7300-03-00-2446"),
        (Feature.CLONE_FROM_HMC_PROFILE, "7300-02-02-2420", "7300-03-00-2446"),
        (Feature.LIVE_LIBRARY_UPDATE, "7300-02-02-2420", "7300-03-00-2446"),
        (Feature.CHECKS_SHARED_OBJECTS, "7300-03-00-2446", "7300-03-01-2520"),
    ],
)
def test_features_begin_with_their_level(feature: Feature, last_without: str, first_with: str) -> None:
    assert not levels.allows(feature, Level.parse(last_without))
    assert levels.allows(feature, Level.parse(first_with))


def test_every_feature_of_technology_levels_of_7_2_is_in_7_3() -> None:
    first = Level.parse("7300-00-00-2147")
    early = [feature for feature in Feature if levels.first_level(feature).version == 7200]
    assert early and all(levels.allows(feature, first) for feature in early)


def test_a_level_that_leaves_the_answer_open_is_refused() -> None:
    assert levels.allows(Feature.CPU_REDUCTION, Level.parse("7200-03"))
    with pytest.raises(ValueError, match="7300-03 does not say enough"):
        levels.allows(Feature.CHECKS_SHARED_OBJECTS, Level.parse("7300-03"))
    with pytest.raises(ValueError, match="service pack and week"):
        levels.hit_by(Defect.PFC_DAEMON, Level.parse("7200-02-02"))


HITS = [
    (Defect.LICENCE_THROUGH_NIM, "7200-00-05-1731", None),
    (Defect.LICENCE_THROUGH_NIM, "7200-01-04-1806", "IJ02913"),
    (Defect.LICENCE_THROUGH_NIM, "7200-01-05-1844", "IJ02913"),
    (Defect.LICENCE_THROUGH_NIM, "7200-01-05-1845", None),
    (Defect.LICENCE_THROUGH_NIM, "7200-02-02-1832", "IJ08917"),
    (Defect.LICENCE_THROUGH_NIM, "7200-02-01-1845", "IJ08917"),
    (Defect.LICENCE_THROUGH_NIM, "7200-02-03-1845", None),
    (Defect.LICENCE_THROUGH_NIM, "7200-03-00-1837", None),
    (Defect.AUTOFS_SCRIPT, "7200-00-05-1845", "IV89963"),
    (Defect.AUTOFS_SCRIPT, "7200-01-01-1720", "IV89963"),
    (Defect.AUTOFS_SCRIPT, "7200-01-02-1717", None),
    (Defect.AUTOFS_SCRIPT, "7200-02-02-1810", "IJ04531"),
    (Defect.AUTOFS_SCRIPT, "7200-02-02-1832", None),
    (Defect.AUTOFS_SCRIPT, "7200-02-01-1837", "IJ04531"),
    (Defect.AUTOFS_SCRIPT, "7200-03-00-1837", None),
    (Defect.AUTOFS_SCRIPT, "7300-00-01-2148", None),
    (Defect.SHARED_LIBRARIES, "7200-03-07-2114", None),
    (Defect.SHARED_LIBRARIES, "7200-04-00-1937", "IJ29492"),
    (Defect.SHARED_LIBRARIES, "7200-04-02-2028", "IJ29492"),
    (Defect.SHARED_LIBRARIES, "7200-04-03-2038", None),
    (Defect.SHARED_LIBRARIES, "7200-05-00-2037", "IJ30267"),
    (Defect.SHARED_LIBRARIES, "7200-05-01-2038", "IJ30267"),
    (Defect.SHARED_LIBRARIES, "7200-05-02-2114", None),
    (Defect.SHARED_LIBRARIES, "7300-00-01-2148", None),
    (Defect.PFC_DAEMON, "7200-02-01-1731", None),
    (Defect.PFC_DAEMON, "7200-02-02-1810", ""),
    (Defect.PFC_DAEMON, "7200-02-02-1832", ""),
    (Defect.PFC_DAEMON, "7200-02-03-1845", None),
    (Defect.VARYING_BLACKOUT, "7300-02-02-2420", None),
    (Defect.VARYING_BLACKOUT, "7300-03-00-2446", ""),
    (Defect.VARYING_BLACKOUT, "7300-03-01-2520", None),
]


@pytest.mark.parametrize(("defect", "level", "apar"), HITS)
def test_a_defect_hits_its_levels_only(defect: Defect, level: str, apar: str | None) -> None:
    hit = levels.hit_by(defect, Level.parse(level))
    assert (hit.apar if hit else None) == apar


def test_versions_of_a_fileset_hit_by_number() -> None:
    hit = levels.fileset_hit_by(Defect.SHARED_LIBRARIES, "bos.mp64", "7.2.05.1")
    assert hit is not None and hit.apar == "IJ30267"
    assert levels.fileset_hit_by(Defect.SHARED_LIBRARIES, "bos.mp64", "7.2.5.10") is None
    assert levels.fileset_hit_by(Defect.SHARED_LIBRARIES, "bos.mp", "7.2.5.1") is None


def test_apars_are_those_of_levels_and_filesets() -> None:
    assert levels.apars_of(Defect.SHARED_LIBRARIES) == {"IJ29492", "IJ30267"}
    assert levels.apars_of(Defect.LICENCE_THROUGH_NIM) == {"IJ02913", "IJ08917", "IJ05198"}
    assert levels.apars_of(Defect.PFC_DAEMON) == frozenset()


def test_minimums_compare_as_numbers() -> None:
    minimum = levels.minimum(Software.RSCT)
    assert minimum.recalled
    assert minimum.met_by("3.2.1.0") and minimum.met_by("3.2.10.0") and not minimum.met_by("3.2.0.14")
    with pytest.raises(ValueError):
        minimum.met_by("3.2.1.0-1")


def test_findings_name_the_version_of_the_table() -> None:
    assert f'version: "{levels.TABLE_NAME.removeprefix("levels table ")}"' in TEXT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  cpu_reduction:", "  cpu_deduction:"),
        ("through: 7200-04-02-2028, ", ""),
        ("from: 7200-02-02, through", "from: 7300-02-02, through"),
        ("from: 7200-04-00, through: 7200-04-02-2028", "from: 7200-04-00, through: 7200-03"),
        ("from: 7200-05-00, before", "from: 7200-05-00, through: 7200-05-01, before"),
        ("from: 7200-03, says", "from: TL3, says"),
    ],
)
def test_a_table_that_is_not_well_formed_is_refused(before: str, after: str) -> None:
    assert TEXT.count(before) == 1
    with pytest.raises(ValueError):
        levels.read(TEXT.replace(before, after))
