"""What a procedure asks of its requester: a named value with its check."""

from collections.abc import Callable
from dataclasses import dataclass

from liveupdate.procedures import words
from portal.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class Ask:
    """One value. `check` returns it as plans hold it and raises Invalid; with `many` there is one per
    line and each is checked. `choices` (value, title) makes it one of these.
    """

    name: str
    label: str
    help: str
    check: Callable[[str], str]
    required: bool = True
    many: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    def read(self, text: str) -> str:
        """What was said, as plans hold it; empty where nothing was said and nothing has to be.

        Raises Invalid.
        """
        said = [line.strip() for line in text.splitlines() if line.strip()]
        if not said and self.required:
            raise Invalid(f"{self.label}: this has to be said.", code="value_missing")
        if len(said) > 1 and not self.many:
            raise Invalid(f"{self.label}: this is one value, on one line.", code="value_not_possible")
        for line in said:
            if self.choices and line not in dict(self.choices):
                raise Invalid(f"{self.label}: {line!r} is not among the choices.", code="value_not_possible")
        return "\n".join(self.check(line) for line in said)


MEDIA = Ask(
    "media",
    "Where the updates are",
    "SERVER:/directory on a NIM master or NFS server, or a directory on the LPAR itself.",
    lambda text: str(words.media(text)),
)
IFIXES = Ask(
    "ifixes",
    "Interim fixes",
    "The package files by name, e.g. IJ28227s2a.200922.epkg.Z.",
    words.ifix_file,
    many=True,
)
TARGET_LEVEL = Ask(
    "target_level",
    "Level afterwards",
    "As oslevel -s will print it, e.g. 7200-05-04-2220. The run fails if it is another one.",
    words.level,
)
LPP_SOURCE = Ask(
    "lpp_source",
    "lpp_source",
    "What the LPAR's NIM master calls the resource with the updates, e.g. 7200-05-04_lpp.",
    words.nim_object,
)
