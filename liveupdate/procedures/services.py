"""What users have of the LPAR, before and after: mounts, subsystems, routes, listening ports, errors.

Handbook 5.8 row 11. The fixed pipelines leave out what changes by itself: times, process ids, counters.
"""

from collections.abc import Callable
from dataclasses import dataclass

from inventory.command import Command, aix
from inventory.facts.aix.lssrc import LSSRC
from liveupdate.procedures.draft import Draft, look, restored
from liveupdate.procedures.step import Expect, OnFailure, Phase, Step


def _pipe(text: str) -> Command:
    return aix("sh", "-c", text)


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that users notice, the command that shows it, and what it shows on every LPAR."""

    name: str
    what: str
    command: Command
    has: tuple[str, ...] = ()


SUBSYSTEMS = "lssrc -a | awk '$1 != \"Subsystem\" { print $1, $NF }'"
BUT_PFC_DAEMON = 'lssrc -a | awk \'$1 != "Subsystem" && $1 != "pfcdaemon" { print $1, $NF }\''
SIGHTS = (
    Sight(
        "mounts",
        "mounted file systems",
        _pipe('mount | sed "s/ [A-Z][a-z][a-z] [ 0-9][0-9] [0-9][0-9]:[0-9][0-9]//"'),
        (r"\s/\s",),
    ),
    Sight("subsystems", "subsystems that run", _pipe(SUBSYSTEMS), (r" active\s*$",)),
    Sight("routes", "routes", _pipe("netstat -rn | awk 'NF > 5 { print $1, $2, $3, $6 }'")),
    Sight("ports", "listening ports", _pipe("netstat -an | awk '$NF == \"LISTEN\" { print $1, $4 }'")),
    Sight("errors", "permanent errors in the error log", aix("errpt", "-T", "PERM")),
)
COMPARED = ("mounts", "subsystems", "routes", "ports")
"""Of these, whatever was there before has to be there again; of errors the opposite holds."""


def before_image_of(step: str) -> Callable[[Draft], None]:
    """A part that records it before anything is changed, and compares it after everything was restored.

    It compares if the step that changes the level was begun. As the first part of a procedure: what it
    undoes comes last.
    """

    def part(draft: Draft) -> None:
        starts_pfc_daemon = any(
            one.name == "pfcdaemon" and one.status == "inoperative" for one in draft.subject.value(LSSRC)
        )
        for sight in SIGHTS:
            command = sight.command
            if starts_pfc_daemon and sight.name == "subsystems":
                command = _pipe(BUT_PFC_DAEMON)
            _compared(draft, sight, command, step)

    return part


before_image = before_image_of("update")


def _compared(draft: Draft, sight: Sight, command: Command, changing: str) -> None:
    before = f"{sight.name}_before"
    draft.add(
        look(
            before,
            Phase.CHECK,
            f"Record the {sight.what}",
            "They are compared with this after the update.",
            command,
            expect=Expect(has=sight.has),
            on_failure=OnFailure.CONTINUE,
        )
    )
    compared = restored(
        f"{sight.name}_as_before",
        changing,
        f"Prove that the {sight.what} are as before",
        "Whatever differs, somebody misses.",
        command,
        expect=Expect(equals_saved=before),
    )
    draft.restoration.append(compared)


def compared_with_before(draft: Draft) -> None:
    """What was recorded before must be there still; the rest is recorded, and the plan says so."""
    before = draft.subject.before
    has = before.has if before else {}
    draft.parameters["compared_with"] = before.of if before else ""
    bare = [sight.what for sight in SIGHTS if sight.name in COMPARED and sight.name not in has]
    if before is None:
        draft.warnings.append(
            "There is nothing to compare with: no run recorded what the LPAR had, and no facts were held "
            "when this was asked for. What is there is recorded only."
        )
    elif bare:
        draft.warnings.append(f"Compared with {before.of}, which does not hold the {' and '.join(bare)}.")
    draft.add(
        *(_there(sight, before.of, has[sight.name]) for sight in SIGHTS if before and sight.name in has)
    )
    recorded(draft, but=frozenset(has))


def _there(sight: Sight, of: str, lines: tuple[str, ...]) -> Step:
    return look(
        f"{sight.name}_as_before",
        Phase.VERIFY,
        f"Prove that the {sight.what} of before are there",
        f"By {of}. What is missing, somebody misses.",
        sight.command,
        expect=Expect(has=lines),
        on_failure=OnFailure.CONTINUE,
    )


def recorded(draft: Draft, *, but: frozenset[str] = frozenset()) -> None:
    """The same, recorded once where there is nothing to compare with."""
    draft.add(
        *(
            look(
                f"{sight.name}_seen",
                Phase.VERIFY,
                f"Record the {sight.what}",
                "The application's owner compares them with what should be there.",
                sight.command,
                expect=Expect(has=sight.has),
                on_failure=OnFailure.CONTINUE,
            )
            for sight in SIGHTS
            if sight.name not in but
        )
    )
