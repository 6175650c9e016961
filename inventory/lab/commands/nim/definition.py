"""What `nim -o define` makes of what it is given, by the type of the object."""

from collections.abc import Mapping

from inventory.lab.commands.call import Call


def as_kept(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """The attributes as NIM keeps them."""
    kept = dict(given)
    if kind == "hmc":
        kept.pop("net_definition", "")
        kept |= {"mgmt_port": "12443", "Mstate": "currently running"}
    elif kind == "cec":
        serial = f"{kept.pop('hw_type', '')}-{kept.pop('hw_model', '')}*{kept.pop('hw_serial', '')}"
        kept = {"hmc": kept.pop("mgmt_source", ""), "serial": serial, **kept}
    elif kind == "vios":
        kept |= {"platform": "chrp", "Mstate": "currently running"}
    elif kind == "lpp_source":
        kept.pop("source", "")
        kept |= {"arch": "power", "simages": "yes"}
    return kept


def bring(call: Call, given: Mapping[str, str]) -> None:
    """Copy the source of an lpp_source to where it is to lie."""
    media, source, location = call.world.nim.media, given.get("source", ""), given.get("location", "")
    root = call.lab.root_of(call.host)
    (root / location.lstrip("/")).mkdir(parents=True, exist_ok=True)
    if source in media:
        media[location] = media[source]
