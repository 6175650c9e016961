"""The HMC's restricted shell: HMC commands and a few filters, pipes, and nothing else."""

import re
import shlex

_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)
_FORBIDDEN = re.compile(r"[<>]|[;&`\n]|\$\(")


def refusal(text: str) -> str:
    """Why the shell refuses this text; empty when it does not."""
    bare = _QUOTED.sub(lambda match: "_" * len(match[0]), text)
    found = _FORBIDDEN.search(bare)
    if found and found[0] in "<>":
        rest = text[found.end() :].split()
        return f"hmcbash: {rest[0] if rest else found[0]}: restricted: cannot redirect output"
    if found:
        return f"hmcbash: {found[0].strip() or 'newline'}: restricted"
    for part in bare.split("|"):
        words = part.split()
        if words and "/" in words[0]:
            return f"hmcbash: {words[0]}: restricted: cannot specify `/' in command names"
    return ""


def argv(text: str) -> list[str]:
    """The words that run this text in a real shell, or print its refusal."""
    if not text.strip():
        return ["sh", "-c", "printf '%s\n' 'hmcbash: interactive sessions are not simulated' >&2; exit 1"]
    reason = refusal(text)
    if reason:
        return ["sh", "-c", f"printf '%s\\n' {shlex.quote(reason)} >&2; exit 1"]
    missing = (
        'command_not_found_handle() { printf "hmcbash: %s: command not found\\n" "$1" >&2; return 127; }\n'
    )
    return ["hmcbash", "-c", missing + text]
