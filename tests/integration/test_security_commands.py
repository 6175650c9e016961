"""What hosts, files and people say never becomes anything but one word of a command (threats T1, T2, T3)."""

import ast
import itertools
import shlex
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from inventory.command import Command, UnsafeArgument
from inventory.facts.base import Fact, ReadingState
from inventory.facts.catalogue import FACTS
from inventory.gathering import command_of
from inventory.imports.schema import FORMATS, NAME
from inventory.posix_shell import require_posix_shell
from inventory.survey import Known, survey
from inventory.transport import connect
from inventory.transport.errors import ShellRefused
from liveupdate.procedures import words
from portal.lib.errors import Invalid
from tests.ssh_server import Server, in_process_server

ROOT = Path(__file__).parents[2]
PIECES = (
    "'", '"', "`id`", "$(id)", "${IFS}id", ";id", "|id", "&id", "&&id", "||id", ">f", "<f", "*", "?", "[a]",
    "{a,b}", "~", "!", "!!", "#", "\\", "\n", "\r", "\t", "\x00", "\x1b[2J", "\u202e", "é", "%s", "=x",
    "(id)", "$'\\x41'",
)  # fmt: skip
FRAMES = ("{}", "a{}", "{}a", "a {} b")
HOSTILE = [
    *(frame.format(piece) for frame in FRAMES for piece in PIECES),
    *("".join(pair) for pair in itertools.product(PIECES, repeat=2)),
    *("a" + "".join(pair) + "b" for pair in itertools.islice(itertools.product(PIECES, repeat=2), 300)),
    *("--help", "-x", "-p x", "--", "-", "", " ", "a b", "../../etc/passwd", "a" * 5000, "-" * 400, "\\\n"),
    *(f"hdisk{number};reboot" for number in range(72)),
]
OPTIONS = ["-x", "--help", "-p x", "--", "-"]
GOOD = "a1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with in_process_server(tmp_path_factory.mktemp("recording") / "host") as running:
        yield running


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.2.5")
def test_a_server_receives_every_hostile_word_as_it_was_or_not_at_all(server: Server) -> None:
    assert len(HOSTILE) >= 1536
    sent, refused = [], 0
    for word in HOSTILE:
        try:
            Command(("printf", word))
            sent.append(word)
        except UnsafeArgument:
            refused += 1
    with connect(server.endpoint()) as connection:
        for batch in itertools.batched(sent, 100) if hasattr(itertools, "batched") else _batches(sent):
            received = connection.run(Command(("printf", "%s\\0", *batch)), deadline_s=30).stdout.decode()
            assert received.split("\0")[:-1] == list(batch)
    assert sent and refused
    assert all(any(not (c.isprintable() or c in "\n\t") for c in word) for word in set(HOSTILE) - set(sent))


def _batches(items: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(items), 100):
        yield tuple(items[start : start + 100])


WITH_PARAMETERS = [fact for fact in FACTS if fact.params]


@pytest.mark.threat("T1", "T2")
@pytest.mark.asvs("1.2.5")
@pytest.mark.parametrize("fact", WITH_PARAMETERS, ids=lambda fact: fact.name)
def test_a_parameter_of_a_fact_stays_inside_its_word(fact: Fact[object]) -> None:
    usual = command_of(fact, (GOOD,) * len(fact.params)).argv
    passed = 0
    for word in HOSTILE:
        try:
            command = command_of(fact, (word,) * len(fact.params))
        except UnsafeArgument:
            continue
        passed += 1
        told = shlex.split(command.wire().removeprefix("LC_ALL=C "))
        assert told == [part.replace(GOOD, word) if part in holding(usual) else part for part in usual]
    assert passed


def holding(argv: tuple[str, ...]) -> set[str]:
    """The words of a command that hold its parameter."""
    return {part for part in argv if GOOD in part}


@pytest.mark.threat("T2")
@pytest.mark.parametrize("word", OPTIONS)
@pytest.mark.parametrize("fact", WITH_PARAMETERS, ids=lambda fact: fact.name)
def test_no_parameter_of_a_fact_is_an_option(fact: Fact[object], word: str) -> None:
    with pytest.raises(UnsafeArgument, match="no name"):
        command_of(fact, (word,) * len(fact.params))


CHECKS: list[Callable[[str], object]] = [
    words.disk, words.device, words.ifix_label, words.ifix_file, words.fileset, words.nim_object,
    words.subsystem, words.program, words.volume_group, words.host_address, words.hmc_user, words.nim_name,
    words.interface, words.serial, words.network, words.lpp_source, words.project, words.system_name,
    words.directory, words.level, words.mount_options, words.media, words.own_command, words.script_command,
    words.script_phase,
]  # fmt: skip
OBEYED = frozenset("'\"`$;|&<>*?!\\\n\r\t\x00\x1b\u202e")


@pytest.mark.threat("T1", "T2")
@pytest.mark.asvs("1.3.3", "2.2.1")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_what_a_plan_takes_holds_nothing_that_a_shell_or_program_obeys(
    check: Callable[[str], object],
) -> None:
    for word in HOSTILE:
        try:
            check(word)
        except Invalid:
            continue
        assert OBEYED.isdisjoint(word), word
        assert not word.startswith("-"), word


@pytest.mark.threat("T1", "T2")
@pytest.mark.asvs("2.2.1", "2.2.2")
@pytest.mark.parametrize("column", sorted(set(FORMATS) - {"application"}))
def test_what_an_import_takes_holds_nothing_that_is_obeyed(column: str) -> None:
    """An application's name is a label for people and stands in no command; neither do names of
    credentials and environments, which may begin with a dash."""
    for word in filter(FORMATS[column][0], HOSTILE):
        assert OBEYED.isdisjoint(word), word
        assert " " not in word, word
        assert not word.startswith("-") or column in LABELS, word


def test_the_name_of_a_host_is_plain() -> None:
    assert not [word for word in HOSTILE if NAME.fullmatch(word) and (OBEYED & set(word) or word[0] == "-")]


LABELS = {"credential", "client_credential", "looking_credential", "environment"}


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Every call of a function or method of this name in the product, and where."""
    return _every_call().get(name, [])


@cache
def _every_call() -> dict[str, list[tuple[str, ast.Call]]]:
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for room in ("portal", "inventory", "liveupdate"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "inventory/lab/" not in str(path):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                        found.setdefault(name, []).append((str(path.relative_to(ROOT)), node))
    return found


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.2.5")
def test_one_place_sends_commands() -> None:
    others = "exec_command", "invoke_shell", "invoke_subsystem", "open_sftp", "system", "popen", "eval"
    sends = [(path, ast.unparse(call)) for path, call in calls("request") if "'exec'" in ast.unparse(call)]
    assert sends == [("inventory/transport/exchange.py", "request(self._channel, 'exec', line)")]
    others = [
        "exec_command",
        "invoke_shell",
        "invoke_subsystem",
        "open_sftp",
        "system",
        "popen",
        "eval",
        "exec",
    ]
    assert {name: list(calls(name)) for name in others} == {name: [] for name in others}
    assert {path for path, _ in calls("Exchange")} == {"inventory/transport/connection.py"}


@pytest.mark.threat("T1")
@pytest.mark.asvs("1.2.5")
def test_no_text_is_put_together_for_a_shell() -> None:
    """Where a command is `sh -c TEXT` the text is no f-string or sum; what varies comes as further words."""
    seen = 0
    for path, call in [*calls("aix"), *calls("Command")]:
        given = call.args[0].elts if call.args and isinstance(call.args[0], ast.Tuple) else call.args
        if len(given) > 2 and ast.unparse(given[1]) == "'-c'" and ast.unparse(given[0]) in SHELL_WORDS:
            seen += 1
            assert not isinstance(given[2], ast.JoinedStr | ast.BinOp), f"{path}: {ast.unparse(call)}"
    assert seen > 5
    for path, call in [*calls("run"), *calls("Popen"), *calls("call"), *calls("check_output")]:
        assert "shell" not in [key.arg for key in call.keywords if ast.unparse(key.value) == "True"], path


SHELL_WORDS = ("'sh'", "'ksh'", "shell")
SHELLS = [
    ("sh", True),
    ("bash", True),
    *(pytest.param(name, True, marks=pytest.mark.openssh) for name in ("mksh", "ksh93")),
    *(pytest.param(name, False, marks=pytest.mark.openssh) for name in ("csh", "tcsh")),
]


@pytest.mark.threat("T3")
@pytest.mark.parametrize(("shell", "fits"), SHELLS)
def test_an_account_with_a_c_shell_is_refused_before_anything_is_read(
    tmp_path: Path, shell: str, fits: bool
) -> None:
    program = shutil.which(shell)
    assert program
    with in_process_server(tmp_path / "host") as host:
        host.shell = program
        with connect(host.endpoint()) as connection:
            if fits:
                require_posix_shell(connection)
            else:
                with pytest.raises(ShellRefused, match=r"chuser shell=/usr/bin/ksh root|login shell of root"):
                    require_posix_shell(connection)


@pytest.mark.threat("T3")
@pytest.mark.openssh
def test_of_an_lpar_with_a_c_shell_nothing_is_known(tmp_path: Path) -> None:
    """So nothing can be planned, and its page says why."""
    with in_process_server(tmp_path / "host") as host:
        host.shell = "/usr/bin/tcsh"
        known = Known("pay01", "Server", "78A1234", "liveupdate")
        answers = survey(host.endpoint(), host.endpoint(name="hmc01"), known)[0]
        assert isinstance(answers.problem, ShellRefused)
        assert {reading.state for reading in answers.facts.readings.values()} == {ReadingState.REFUSED}
        assert len([line for line in host.commands if line.startswith("LC_ALL=C")]) == 1
