"""States as pages show them: a word, and a tone that gives colour and icon."""

from typing import NamedTuple


class Face(NamedTuple):
    """How one state looks: `tone` is a CSS class (ok, warn, bad, info, unknown, or none), `word` the text."""

    tone: str
    word: str


_TONES = {
    "ok": "ok capable compliant ready succeeded approved finished verified trusted fresh ended sealed idle "
    "reachable window_open active pinned done accepted sent as_entered",
    "warn": "blackout drift level person halted "
    "warning behind excepted ready_with_actions needs_consent succeeded_with_residue blocked "
    "needs_person held partial open gone restoring expired stale pending_key unsealed change_asked "
    "updated_not_active failed_clean frozen partly explained",
    "bad": "failure error_log incapable overdue blocker not_possible failed rejected refused changed altered "
    "unreachable timed_out failed_dirty failed_dirty_rebooted moved_dirty",
    "info": "planned_cure information running started queued submitted planning asked new updating waiting",
    "unknown": "unknown compliance_unknown capability_unknown contact_lost unparsable vanished never",
    "": "no_baseline draft planned withdrawn aborted pending skipped not_applicable intended absent "
    "superseded overtaken later over no_window unsent",
}
_TONE_OF = {state: tone for tone, states in _TONES.items() for state in states.split()}
_WORDS = {
    "ok": "OK",
    "planned_cure": "Done by the plan",
    "needs_consent": "Action",
    "compliance_unknown": "Unknown",
    "capable": "LU capable",
    "incapable": "Not LU capable",
    "capability_unknown": "LU capable?",
    "ready_with_actions": "Ready with actions",
    "succeeded_with_residue": "Succeeded, with residue",
    "needs_person": "Needs a person",
    "not_applicable": "Not applicable",
    "submitted": "Waiting for approval",
    "overtaken": "Not needed any more",
    "change_asked": "Change asked for",
    "pending_key": "Waits for acceptance",
    "pinned": "Accepted",
    "retired": "Replaced",
    "timed_out": "Timed out",
    "stale": "Too old",
    "asked": "Waits for a worker",
    "done": "Read whole",
    "partial": "Read in part",
    "open": "To decide",
    "error_log": "Error log",
    "person": "A person",
    "level": "Other level",
    "window_open": "Open",
    "no_window": "Shut",
    "no_window_applies": "Any time",
    "superseded": "Told otherwise since",
    "never": "Never",
    "unsent": "Not sent",
}


def face(state: str) -> Face:
    """The look of `state`; one that nobody described yet is shown by its own word, without colour."""
    word = _WORDS.get(state) or state.replace("_", " ").capitalize()
    return Face(_TONE_OF.get(state, ""), word)
