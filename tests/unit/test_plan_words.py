"""Values from people and hosts become words of commands only by a full match."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveupdate.procedures import words
from liveupdate.procedures.words import BadWord, Media

KINDS: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "disk": (words.disk, ["hdisk0", "hdisk10", "paydisk_1"]),
    "device": (words.device, ["ipsec_v4", "cd0"]),
    "ifix_label": (words.ifix_label, ["IJ36810s3a", "1022104a"]),
    "fileset": (words.fileset, ["bos.mls.cfg", "security.pkcs11", "X11.adt.ext"]),
    "subsystem": (words.subsystem, ["nimon", "lpar2rrd-agent", "wpar1"]),
    "volume_group": (words.volume_group, ["lvup_rootvg"]),
    "host_address": (words.host_address, ["hmc01", "10.0.0.5", "fd00::5", "hmc01.example.org"]),
    "hmc_user": (words.hmc_user, ["liveupdate", "live.update@example.org"]),
    "system_name": (words.system_name, ["9080-M9S-78A1234", "Server-9080 SN 12", "pay01"]),
    "directory": (words.directory, ["/mnt", "/export/aix72/7200-05-04-2220_full", "/a/b/"]),
    "level": (words.level, ["7200-05-04-2220"]),
    "inittab_line": (
        words.inittab_line,
        ["rcnetwlm:23456789:wait:/etc/rc.netwlm start> /dev/console 2>&1 # Start netwlm"],
    ),
    "media": (words.media, ["nim01:/export/aix72/full", "10.0.0.9:/x", "/mnt", "fd00::9:/x"]),
}
EVIL = ["", "-r", "--", "a\nb", "a\x00b", "hdisk1\n", " hdisk1", "$(id)", "`id`", "a;b", "../x", "ü", "a'b"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_belongs_is_accepted_unchanged(kind: str) -> None:
    accept, good = KINDS[kind]
    for text in good:
        assert str(accept(text)) == text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("evil", EVIL)
def test_what_does_not_belong_is_refused(kind: str, evil: str) -> None:
    with pytest.raises(BadWord):
        KINDS[kind][0](evil)


@pytest.mark.parametrize(
    "evil", ["/a/../b", "/..", "nim01:/a/../b", "/a/b;c", "/a b", "//", "nim:x", "a:b:c"]
)
def test_directories_that_lead_elsewhere(evil: str) -> None:
    with pytest.raises(BadWord):
        words.media(evil)


@given(text=st.text())
def test_no_accepted_word_reads_as_an_option_or_spans_lines(text: str) -> None:
    for accept, _ in KINDS.values():
        try:
            word = str(accept(text))
        except BadWord:
            continue
        assert text.startswith(word) and not word.startswith("-") and word.isprintable() and word.isascii()


def test_media_on_a_server_has_to_be_mounted() -> None:
    assert words.media("nim01:/export/x") == Media("nim01", "/export/x")
    assert words.media("nim01:/export/x").mounted
    assert not words.media("/export/x").mounted
    assert words.media("nim01:/export/x/") == Media("nim01", "/export/x")
    assert words.media("/") == Media("", "/")


def test_mount_options_are_one_word() -> None:
    assert words.mount_options("ro,bg,hard,intr,sec=sys") == "ro,bg,hard,intr,sec=sys"
    for evil in ("", "-o", "rw; id", "rw\n"):
        with pytest.raises(BadWord):
            words.mount_options(evil)


def test_a_directory_has_its_limits() -> None:
    with pytest.raises(BadWord, match="longer"):
        words.directory("/abcdefghi" * 16)
