"""Where Live Update left an LPAR, in the words of lists and pages."""

UPDATE_STATES = {
    "idle": "No Live Update open",
    "done": "Completed",
    "updating": "Live Update at work",
    "updated_not_active": "Updated, not active",
    "failed_clean": "Failed, nothing left",
    "failed_dirty": "Failed, needs cleanup",
    "failed_dirty_rebooted": "Failed and restarted, needs cleanup",
    "moved_dirty": "Moved, original still there",
    "unknown": "Unknown",
}
"""State to words."""


def update_state_words(state: str) -> str:
    """The words for a stored state; one that another version of the portal stored is unknown here."""
    return UPDATE_STATES.get(state, UPDATE_STATES["unknown"])
