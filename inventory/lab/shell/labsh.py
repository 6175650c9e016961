"""A host's shell: a real POSIX shell whose absolute paths stay below the host's root.

Words that begin with one of AIX's top directories are rewritten before the real shell reads them;
programs that take patterns (`grep`, `sed`, `awk`) get their words unchanged and look after their
files by themselves (`lab.layout`). The rewriting is idempotent, so a shell started by a shell is fine.
"""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

TOP = r"var|usr|etc|tmp|mnt|proc|export|home|opt|admin|sbin|bin|aha|data|audit|lpp|root|\.ssh|dev/console"
PATTERN_TOOLS = frozenset({"grep", "egrep", "fgrep", "sed", "awk"})
SHELLS = frozenset({"sh", "ksh", "ksh93", "bsh"})
_PREFIXES = "if then elif else while until do ! { exec nohup time env command nice setsid"
PREFIXES = frozenset(_PREFIXES.split())
EVAL = 'lab_eval() { eval "$(__LABSH__ --translate "$*")"; }\n'
"""What `eval` becomes, as the text that it gets has not been rewritten yet."""

_TOKEN = re.compile(
    r"""(?P<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s|;&()<>'"\\`])+)"""
    r"|(?P<redirect>[<>]+[&|]?)|(?P<separator>[|;&()\n`])|(?P<other>.)",
    re.DOTALL,
)
_HEREDOC = re.compile(
    r"<<-?[ \t]*(['\"]?)(?P<end>\w+)\1[^\n]*\n(?P<body>.*?)^\t*(?P=end)$", re.DOTALL | re.MULTILINE
)
_ASSIGNMENT = re.compile(r"\w+=")


def path_words(root: str) -> re.Pattern[str]:
    """The pattern of an absolute path that begins a word and lies outside `root` so far."""
    return re.compile(rf"(?:^|(?<=[\s'\"=<>(;|&`:!{{]))(?!{re.escape(root)})/(?:{TOP})(?![\w.+-])")


def translate(text: str, root: str) -> str:
    """Shell text with its absolute paths moved below `root`; bodies of here-documents stay."""
    pieces: list[str] = []
    position = 0
    for document in _HEREDOC.finditer(text):
        pieces.append(_translate(text[position : document.start("body")], root))
        pieces.append(document["body"])
        position = document.end("body")
    pieces.append(_translate(text[position:], root))
    moved = "".join(pieces)
    return EVAL.replace("__LABSH__", f"{root}/usr/lib/labsh") + moved if "lab_eval" in moved else moved


def _translate(text: str, root: str) -> str:
    paths = path_words(root)
    pieces: list[str] = []
    program = ""
    after_redirect = False
    for token in _TOKEN.finditer(text):
        part = token[0]
        if token["separator"]:
            program = ""
        elif token["redirect"]:
            after_redirect = True
        elif token["word"]:
            untouched = program in PATTERN_TOOLS or program in SHELLS
            if after_redirect or not untouched:
                part = paths.sub(lambda match: root + match[0], part)
            if not after_redirect and not program:
                program = _program(token["word"])
                part = "lab_eval" if part == "eval" else part
            after_redirect = False
        pieces.append(part)
    return "".join(pieces)


def _program(word: str) -> str:
    if word in PREFIXES or _ASSIGNMENT.match(word):
        return ""
    return word.rpartition("/")[2]


def real_shell() -> str:
    """The shell that does the work: bash as `sh` where there is one, for `set -m` without a terminal."""
    return shutil.which("bash", path="/bin:/usr/bin:/usr/local/bin") or "/bin/sh"


def main(argv: list[str], root: str, shell: str) -> None:
    """Be `sh`: translate the text that the words name and become the real shell."""
    if argv[1:2] == ["--translate"]:
        sys.stdout.write(translate(" ".join(argv[2:]), root))
        return
    options: list[str] = []
    words = argv[1:]
    while words and words[0].startswith("-") and words[0] not in ("-", "--"):
        option = words.pop(0)
        if "c" in option and not option.startswith("--"):
            text = words.pop(0) if words else ""
            _become(shell, [*options, option], text, words or [Path(argv[0]).name], root)
        options.append(option)
        if option == "-o" and words:
            options.append(words.pop(0))
    if words and "-s" not in options:
        script = Path(_inside(words[0], root))
        try:
            text = script.read_text(errors="surrogateescape")
        except OSError as error:
            sys.stderr.write(f"ksh: {words[0]}: {error.strerror}\n")
            sys.exit(127)
        _become(shell, [*options, "-c"], text, [str(script), *words[1:]], root)
    text = sys.stdin.read()
    options = [option for option in options if option != "-s"]
    _become(shell, [*options, "-c"], text, ["ksh", *words], root)


def shell_words(words: Sequence[str], root: str) -> list[str]:
    """What `sh -c TEXT WORDS` is for the real shell, without another to start it; empty for other words."""
    if len(words) < 3 or words[0] not in SHELLS or words[1] != "-c":
        return []
    return ["sh", "-c", translate(words[2], root), *(_inside(word, root) for word in words[3:] or words[:1])]


def _become(shell: str, options: list[str], text: str, words: list[str], root: str) -> None:
    inside = [_inside(word, root) for word in words]
    os.execv(shell, ["sh", *options, translate(text, root), *inside])  # noqa: S606 - this is a shell


def _inside(word: str, root: str) -> str:
    return path_words(root).sub(lambda match: root + match[0], word)
