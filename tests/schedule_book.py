"""An independent book of a request's decisions: what a careful clerk would let start, without the portal."""

from dataclasses import dataclass, field

OWNER = "ann"
TEAM_APPROVERS = frozenset({"ann", "bo", "ivy", "joe"})


@dataclass
class Said:
    """An approval: for whom ("": for themselves), proved with what, at which minute."""

    giver: str
    factor: str
    at: int


@dataclass
class Mandate:
    """Who decides for whom, to which minute; `low` is worth nothing for the request, which is riskier."""

    giver: str
    taker: str
    starts: int
    ends: int
    low: bool


@dataclass
class Terms:
    """What was settled when the request was handed in: so many approvers, a proof, minutes (0: no end)."""

    needed: int = 1
    step_up: str = "none"
    expires: int = 0
    allowance: int = 0
    standard: bool = False


FACTORS = ("none", "password", "second_factor")


@dataclass
class Book:
    """One request and all that bears on it; `minute` is the clock, the beginning is 0."""

    minute: int = 0
    approvals: dict[str, Said] = field(default_factory=dict)
    handed_in: Terms | None = None
    rejected: bool = False
    editors: set[str] = field(default_factory=set)
    approvers: set[str] = field(default_factory=lambda: set(TEAM_APPROVERS))
    active: set[str] = field(default_factory=lambda: {*TEAM_APPROVERS, "wes", "sam"})
    mandates: dict[int, Mandate] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    """What keeps the calendar shut: a freeze, a window elsewhere."""
    template_counts: bool = False
    falsified: bool = False
    """Somebody altered the plan's text in the database."""
    policy: Terms = field(default_factory=Terms)

    def void(self) -> None:
        """The plan is another one: nothing that was said of it counts."""
        self.approvals, self.handed_in, self.rejected, self.falsified = {}, None, False, False

    def hand_in(self, *, emergency: bool) -> None:
        """By the policy of now."""
        terms = self.policy
        self.approvals, self.rejected = {}, False
        if emergency:
            self.handed_in = Terms(terms.needed, "second_factor", terms.expires, 1)
        elif self.template_counts:
            self.handed_in = Terms(0, standard=True)
        else:
            self.handed_in = Terms(terms.needed, terms.step_up, terms.expires)

    def approve(self, person: str, giver: str, factor: str) -> None:
        """The newest of a person counts, behind those of the others."""
        self.approvals.pop(person, None)
        self.approvals[person] = Said(giver, factor, self.minute)

    @property
    def may_start(self) -> bool:
        """Whether a run may begin at this minute."""
        terms = self.handed_in
        return bool(terms and not self.closed and self._missing() <= terms.allowance and self._sound())

    @property
    def carried(self) -> bool:
        """Whether what cannot be undone may be done."""
        return bool(self.handed_in and self._missing() == 0 and self._sound())

    def _sound(self) -> bool:
        assert self.handed_in is not None
        return not (self.rejected or self.falsified or (self.handed_in.standard and not self.template_counts))

    def _missing(self) -> int:
        assert self.handed_in is not None
        used: set[str] = set()
        for person, said in self.approvals.items():
            if self._counts(person, said) and (said.giver or person) not in used:
                used |= {person, said.giver or person}
        counted = len({person for person in self.approvals if person in used})
        return max(0, self.handed_in.needed - counted)

    def _counts(self, person: str, said: Said) -> bool:
        terms = self.handed_in
        assert terms is not None
        fresh = not terms.expires or said.at + terms.expires > self.minute
        proved = FACTORS.index(said.factor) >= FACTORS.index(terms.step_up)
        if not fresh or not proved or self._excluded(person):
            return False
        if not said.giver:
            return person in self.approvers
        mandate = any(
            (each.giver, each.taker) == (said.giver, person)
            and each.starts <= self.minute < each.ends
            and not each.low
            for each in self.mandates.values()
        )
        return mandate and not self._excluded(said.giver) and said.giver in self.approvers

    def _excluded(self, person: str) -> bool:
        owners = {OWNER, *self.editors}
        for_an_owner = any(
            each.taker == person and each.giver in owners and each.starts <= min(each.ends, self.minute)
            for each in self.mandates.values()
        )
        return person not in self.active or person in owners or for_an_owner
