"""Quoting: every word reaches the program as it was, or is refused."""

import subprocess
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.command import Command, UnsafeArgument, aix, hmc

HOSTILE = [
    "", " ", "a b", "'", '"', "''", "\\", "\\n", "a\nb", "\n", "$HOME", "$(id)", "`id`", "${IFS}", ";id", "&",
    "|id", ">/tmp/x", "<x", "*", "?", "[a-z]", "{a,b}", "~", "~root", "!", "!!", "#", "-rf", "--", "a=b",
    "%s", "é", "€ 𝄞", "a\tb", "'; id; '", '"$(id)"', "$'\\x41'", "a'b\"c`d$e\\f", "(x)", "=ls",
    "\\\n", "x" * 5000,
]  # fmt: skip


def received(shell: str, *words: str) -> list[str]:
    line = Command(("sh", "-c", 'for w; do printf "%s\\0" "$w"; done', "sh", *words)).wire()
    shown = subprocess.run([shell, "-c", line], check=True, capture_output=True)
    return shown.stdout.decode().split("\0")[:-1]


SHELLS = ["sh", "bash", *(pytest.param(s, marks=pytest.mark.openssh) for s in ("dash", "mksh", "ksh93"))]


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.2.5")
@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_words_arrive(shell: str) -> None:
    assert received(shell, *HOSTILE) == HOSTILE


printing = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \t\n"), max_size=30)


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.2.5")
@settings(max_examples=150, deadline=None)
@given(words=st.lists(printing, max_size=6))
def test_any_words_arrive(words: list[str]) -> None:
    assert received("sh", *words) == words


@given(words=st.lists(printing, max_size=6))
def test_the_display_is_what_is_sent_but_for_the_locale(words: list[str]) -> None:
    command = Command(("ls", *words))
    assert command.wire() == f"LC_ALL=C {command.display()}"
    assert Command(("ls", *words), locale=False).wire() == command.display()


def test_the_locale_is_c_for_aix_and_left_out_for_an_hmc() -> None:
    assert aix("oslevel", "-s").wire() == "LC_ALL=C oslevel -s"
    assert aix("cat", PurePosixPath("/etc/a b")).wire() == "LC_ALL=C cat '/etc/a b'"
    assert hmc("lshmc", "-V").wire() == "lshmc -V"


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize(
    "word", ["a\x00b", "\x1b[2J", "a\rb", "\x7f", "a\u202eb", "\u200b", "\ud800", "\x85"]
)
def test_a_word_that_cannot_be_sent_or_read_is_refused(word: str) -> None:
    with pytest.raises(UnsafeArgument, match="do not print"):
        aix("echo", word)


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("program", ["", "a b", "A=b", "-x", "ls;id", "$(id)", "ls\n", "é", "[", "!"])
def test_a_program_is_a_plain_name_or_path(program: str) -> None:
    with pytest.raises(UnsafeArgument):
        aix(program)


@pytest.mark.parametrize("program", ["/usr/sbin/rsct/install/bin/rmcctrl", "lslpp", "./x", "g++"])
def test_usual_programs_pass(program: str) -> None:
    assert aix(program).display() == program


def test_a_command_needs_a_program() -> None:
    with pytest.raises(UnsafeArgument, match="needs a program"):
        Command(())


@pytest.mark.parametrize(
    "words",
    [
        ("-r", "lpar", "-m", "9080-M9S-78A1234", "-F", "name,lpar_id"),
        ("--filter", "lpar_names=teacher02 9.200.104.218"),
        ("--filter", '"lpar_names=pay01,pay02"'),
        ("-a", "AIX live update (portal)"),
    ],
)
def test_usual_words_of_an_hmc_pass(words: tuple[str, ...]) -> None:
    assert hmc("lssyscfg", *words).argv == ("lssyscfg", *words)


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.3.3")
@pytest.mark.parametrize("character", list(";&|<>`$\\!'\n\t"))
def test_what_the_restricted_shell_refuses_is_refused_here(character: str) -> None:
    with pytest.raises(UnsafeArgument, match="restricted shell"):
        hmc("lssyscfg", "-m", f"a{character}b")


@pytest.mark.parametrize("program", ["/usr/bin/id", "./lshmc", "LSHMC", "ls-hmc"])
def test_an_hmc_runs_its_own_commands_by_bare_name(program: str) -> None:
    with pytest.raises(UnsafeArgument, match="no command of an HMC"):
        hmc(program)
