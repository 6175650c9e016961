"""Why an execution stops where it is; each is handled once, at the top."""

from portal.lib.errors import PortalError


class NeedsPerson(PortalError):
    """Nobody but a person can say how to go on; the message says what is known."""

    code = "needs_person"


class AbortAsked(PortalError):
    """A person asked to abort, and it is still possible."""

    code = "abort_asked"


class CommandHeld(PortalError):
    """Nothing may be sent now, because it could not be recorded as it has to be; the run waits for that."""

    code = "command_held"


class HandedBack(PortalError):
    """This worker is stopping: the run goes on in another, what runs on the target is untouched."""

    code = "handed_back"
