"""Which command texts the lab takes apart by itself, and that a shell would come to the same words."""

import shlex
import subprocess

import pytest

from inventory.lab.commands.call import CATALOGUE, Kind, load_commands, needs_process
from inventory.lab.shell.labsh import shell_words
from inventory.lab.shell.plain import Plain, plain


@pytest.mark.parametrize(
    ("text", "words", "locale"),
    [
        ("lspv", ("lspv",), ""),
        ("LC_ALL=C lsvg -p rootvg", ("lsvg", "-p", "rootvg"), "C"),
        ("LC_ALL=C lslpp -Lc 'dsm.*'", ("lslpp", "-Lc", "dsm.*"), "C"),
        ("LC_ALL=C grep -p '^start:' /etc/x", ("grep", "-p", "^start:", "/etc/x"), "C"),
        (
            "lssyscfg -r lpar -m 'a b' -F name,lpar_id",
            ("lssyscfg", "-r", "lpar", "-m", "a b", "-F", "name,lpar_id"),
            "",
        ),
        ("LC_ALL=C sh -c 'it'\"'\"'s $1' sh x", ("sh", "-c", "it's $1", "sh", "x"), "C"),
        (
            "nim -o define -a routing1='default 10.9.0.1' v",
            ("nim", "-o", "define", "-a", "routing1=default 10.9.0.1", "v"),
            "",
        ),
        ("emgr -l -L ''", ("emgr", "-l", "-L", ""), ""),
    ],
)
def test_plain_words_are_those_of_a_shell(text: str, words: tuple[str, ...], locale: str) -> None:
    assert plain(text) == Plain(words, locale)
    shown = subprocess.run(
        ["/bin/sh", "-c", f"set -- {text.removeprefix('LC_ALL=C ')}; printf '%s\\n' \"$@\""],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert tuple(shown.stdout.split("\n")[:-1]) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lspv | grep rootvg",
        "lspv; id",
        "lspv > x",
        "lspv &",
        "echo $HOME",
        'echo "$HOME"',
        "ls *",
        "ls ~",
        "ls [a]",
        "! lspv",
        "a=b lspv",
        "LC_ALL=C LANG=C lspv",
        "lspv\nid",
        "lspv # all",
        "echo `id`",
        "ls {a,b}",
        "lspv 'open",
        "(lspv)",
        "a\\ b",
        "LC_ALL=C",
    ],
)
def test_what_only_a_shell_can_tell(text: str) -> None:
    assert plain(text) is None


def test_a_shell_that_a_text_asks_for_needs_no_other() -> None:
    words = shlex.split("sh -c 'cat /etc/hosts' sh /var/tmp/x")
    assert shell_words(words, "/r") == ["sh", "-c", "cat /r/etc/hosts", "sh", "/r/var/tmp/x"]
    assert shell_words(["ksh", "-c", "id"], "/r") == ["sh", "-c", "id", "ksh"]
    assert shell_words(["ksh", "script"], "/r") == []


def test_what_lasts_or_asks_stays_a_process() -> None:
    load_commands()
    lasting = {name for (kind, name), handler in CATALOGUE.items() if needs_process(kind, handler)}
    assert {"geninstall", "clvupdate", "alt_disk_copy", "nim", "hmcauth", "stopsrc", "mkhmcusr"} <= lasting
    assert not lasting & {"lspv", "oslevel", "lssyscfg", "lsnim", "lssrc", "errpt", "ps"}
    assert not needs_process(Kind.HMC, CATALOGUE[(Kind.HMC, "lshwres")])
