"""The field of a form in which a free slot is chosen, or times of one's own."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone

from liveupdate.control.spans import Span
from liveupdate.records.free_slots import FreeSlot, Offer

OWN_TIMES = ("", "Other times, as given below")


class SlotField(forms.ChoiceField):
    """A free slot as its begin and end, or None for times of one's own.

    What is free now may be taken when the form comes back: the action judges the times again.
    """

    def __init__(self, offer: Offer) -> None:
        zone = offer.zone
        choices = [(_value(slot.span), _label(slot, zone, number)) for number, slot in enumerate(offer.slots)]
        self.earliest = choices[0][0]
        super().__init__(
            choices=[*choices, OWN_TIMES],
            widget=forms.RadioSelect,
            required=False,
            label="When",
            help_text=f"Each has room for the {int(offer.expected.needs.total_seconds()) // 60} minutes that "
            f"this needs with a cleanup should it fail ({offer.expected.basis}).",
        )

    def clean(self, value: Any) -> Span | None:
        """Begin and end of the chosen slot."""
        if not value:
            return None
        try:
            begin, end = (datetime.fromisoformat(part).astimezone(UTC) for part in str(value).split("/"))
        except ValueError as error:
            raise forms.ValidationError("That is no slot: it names no begin and end.") from error
        return begin, end


def _value(span: Span) -> str:
    return "/".join(at.isoformat() for at in span)


def _label(slot: FreeSlot, zone: Any, number: int) -> str:
    here = get_current_timezone()
    words = [_in_zone(slot.span, zone)]
    if any(at.astimezone(zone).utcoffset() != at.astimezone(here).utcoffset() for at in slot.span):
        words.append(f"here {_in_zone(slot.span, here)}")
    if slot.others:
        words.append(f"{slot.others} more approved on the managed system, {slot.most} run at once")
    return f"{'Earliest safe slot: ' if number == 0 else ''}{' · '.join(words)}"


def _in_zone(span: Span, zone: Any) -> str:
    begin, end = (at.astimezone(zone) for at in span)
    last = f"{end:%H:%M %Z}" if begin.date() == end.date() else f"{end:%a %d %b %H:%M %Z}"
    return f"{begin:%a %d %b %Y %H:%M} to {last}"
