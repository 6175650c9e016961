"""How the HMC prints records: `name=value,…` or chosen columns, filtered by names."""

import getopt
from dataclasses import dataclass

from inventory.lab.commands.call import Call, Usage

NO_RESULTS = "No results were found."
NO_RESULTS_POLISH = "Nie znaleziono wyników."

Record = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Query:
    """The words of an HMC listing command."""

    resource: str
    system: str
    level: str
    subtype: str
    fields: list[str] | None
    header: bool
    pool: str
    filters: dict[str, list[str]]


def query(call: Call) -> Query:
    """Read the words. Raises Usage with the HMC's own kind of complaint."""
    long = ["level=", "filter=", "header", "rsubtype=", "osrefcode", "pool=", "all"]
    words = [f"--{word[1:]}" if word in ("-dlpar",) else word for word in call.argv[1:]]
    fields: list[str] | None = None
    if "-F" in words:
        at = words.index("-F")
        following = words[at + 1] if at + 1 < len(words) and not words[at + 1].startswith("-") else ""
        fields = [field for field in following.split(",") if field]
        del words[at : at + (2 if following else 1)]
    try:
        pairs, operands = getopt.getopt(words, "r:m:n:p:u:t:s:", long)
    except getopt.GetoptError as error:
        raise Usage(
            f"The command entered is either missing a required parameter or a parameter value is invalid. "
            f"{error}."
        ) from error
    if operands:
        raise Usage(f"An invalid parameter was entered. The invalid parameter is {operands[0]}.")
    options = dict(pairs)
    return Query(
        options.get("-r", ""),
        options.get("-m", ""),
        options.get("--level", ""),
        options.get("--rsubtype", ""),
        fields,
        "--header" in options,
        options.get("-p", ""),
        _filters(options.get("--filter", "")),
    )


def _filters(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for part in text.replace('"', "").split(",") if text else []:
        if "=" in part:
            name, _, part = part.partition("=")  # noqa: PLW2901 - the value's first element
            found[name] = []
        if not name:
            raise Usage(f"An invalid filter was entered: {text}")
        found[name].append(part)
    return found


def check_system(call: Call, name: str) -> None:
    """Raises Usage when no managed system has this name."""
    system = call.world.system
    if name not in (system.name, f"{system.type_model}*{system.serial}"):
        raise Usage(
            "HSCL8012 The managed system was not found. Please check your entry and retry the command."
            if name
            else "HSCL0001 The -m parameter is required."
        )


def show(call: Call, wish: Query, records: list[Record]) -> int:
    """Print the records."""
    if not records:
        call.line(NO_RESULTS_POLISH if call.french else NO_RESULTS)
        return 0
    fields = wish.fields
    for field in fields or ():
        if field not in records[0]:
            return call.fail(
                f"An invalid attribute was entered. The invalid attribute is {field}. Please check your "
                "entry and retry the command."
            )
    if wish.header and fields:
        call.line(",".join(fields))
    for record in records:
        if fields is not None:
            call.line(",".join(_quoted(str(record[field])) for field in fields or record))
        else:
            call.line(",".join(_quoted(f"{name}={value}") for name, value in record.items()))
    return 0


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
