"""Whether there are people enough to decide on a request at all, before it is handed in."""

from liveupdate.control.ruling import Case, Rule, Stage, may_decide


def unreachable(case: Case, now: float) -> list[Stage]:
    """The stages for which no distinct people are left, were everybody to decide who may."""
    stages = case["rule"]["stages"]
    able = [_able(case, stage, now) for stage in stages]
    slots = [index for index, stage in enumerate(stages) for _ in range(stage["count"])]
    taken: dict[str, int] = {}

    def place(slot: int, tried: set[str]) -> bool:
        for person in able[slots[slot]]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = slot
                return True
        return False

    empty = sorted({slots[slot] for slot in range(len(slots)) if not place(slot, set())})
    return [stages[index] for index in empty]


def _able(case: Case, stage: Stage, now: float) -> list[str]:
    """Who may decide on this stage, as long as nobody has decided on anything."""
    rule = Rule(stages=[stage], expires_s=case["rule"]["expires_s"], step_up=case["rule"]["step_up"])
    alone: Case = {**case, "rule": rule}
    return [person for person in case["people"] if may_decide(alone, [], person, now).refusal is None]
