"""Take what a discovery found into the inventory; callers decide, lock, and enter what was decided."""

from collections.abc import Callable
from typing import Any

from inventory.lpar_state import LparState, enter_lpar_change, lpar_state
from inventory.models import Discovered, Lpar, ManagedSystem, NimObject, Vios
from portal.audit.actor import Actor
from portal.lib.clock import now
from portal.lib.errors import Conflict


def take(item: Discovered, actor: Actor) -> None:
    """Write a difference into the inventory, and enter what an LPAR became by it.

    Raises Conflict when the inventory has changed meanwhile.
    """
    taker = _TAKERS.get((item.kind, item.change))
    if taker is None:
        raise Conflict(
            f"A {item.get_kind_display()} that is {item.change} is not taken this way.", code="not_taken"
        )
    before = _lpar_state(item)
    taker(item)
    if before is not None:
        enter_lpar_change(_row(Lpar, item), before, actor)


def _lpar_state(item: Discovered) -> LparState | None:
    return lpar_state(_row(Lpar, item)) if item.kind == Discovered.Kind.LPAR else None


def same_lpar(system: ManagedSystem, uuid: str, logical_serial: str, name: str) -> Lpar | None:
    """The LPAR of the inventory with this identity, retired or not."""
    lpars = system.lpars.select_related("host")
    if uuid and (found := lpars.filter(uuid=uuid).first()):
        return found
    unsure = lpars.filter(logical_serial=logical_serial, partition_name=name)
    return unsure.filter(uuid="").first() if uuid else unsure.first()


def _new_system(item: Discovered) -> None:
    values = {"name": item.after["name"][:100], "type_model": item.after["type_model"]}
    system, _ = ManagedSystem.objects.get_or_create(serial=item.identity, defaults=values)
    system.hmcs.add(item.discovery.host.hmc)
    _is_row(item, system.pk)


def _changed_system(item: Discovered) -> None:
    system = _row(ManagedSystem, item)
    system.name = item.after.get("name", system.name)[:100]
    system.type_model = item.after.get("type_model", system.type_model)
    system.save(update_fields=["name", "type_model"])
    system.hmcs.add(item.discovery.host.hmc)


def _left_system(item: Discovered) -> None:
    """This HMC manages it no more; its LPARs are reached by another one, if there is another one."""
    system, hmc = _row(ManagedSystem, item), item.discovery.host.hmc
    system.hmcs.remove(hmc)
    other = system.hmcs.order_by("pk").first()
    if other is not None:
        system.lpars.filter(hmc=hmc).update(hmc=other)


def _new_vios(item: Discovered) -> None:
    system = ManagedSystem.objects.get(serial=item.after["managed_system"])
    vios = Vios.objects.create(
        managed_system=system,
        name=item.name,
        uuid=item.after["uuid"],
        logical_serial=item.after["logical_serial"],
        lpar_id=item.after["lpar_id"],
        state=item.after["state"][:40],
        rmc_state=item.after["rmc_state"][:20],
        address=item.after["address"],
        level=item.after["level"],
        level_read_at=now() if item.after["level"] else None,
        seen_at=now(),
    )
    _is_row(item, vios.pk)


def _changed_vios(item: Discovered) -> None:
    _change(_row(Vios, item), item, {"name": "name", "uuid": "uuid", "logical_serial": "logical_serial"})


def _changed_lpar(item: Discovered) -> None:
    fields = {"name": "partition_name", "uuid": "uuid", "logical_serial": "logical_serial"}
    _change(_row(Lpar, item), item, fields)


def _retired(item: Discovered) -> None:
    """It keeps its row, so that its history stays; lists leave it out."""
    model: type[Lpar] | type[Vios] = Lpar if item.kind == Discovered.Kind.LPAR else Vios
    row = _row(model, item)
    if row.seen_at is not None and row.seen_at > item.discovery.asked_at:
        raise Conflict(
            f"{item.name} was seen since this discovery.",
            remedy="Look at the newest discovery instead.",
            code="seen_since",
        )
    row.retired_at = now()
    row.save(update_fields=["retired_at"])


def _change(row: Lpar | Vios, item: Discovered, fields: dict[str, str]) -> None:
    """Set what differs; `fields` maps attributes of the difference to those of the row."""
    changed = {field: item.after[attribute] for attribute, field in fields.items() if attribute in item.after}
    if "managed_system" in item.after:
        changed["managed_system"] = ManagedSystem.objects.get(serial=item.after["managed_system"])
        if isinstance(row, Lpar):
            changed["hmc"] = item.discovery.host.hmc
    if "retired" in item.after:
        changed["retired_at"] = None
    if "uuid" in item.after and isinstance(row, Lpar):
        changed["surrogate_uuid"] = ""
    for field, value in changed.items():
        setattr(row, field, value)
    others = type(row)._default_manager.exclude(pk=row.pk)
    if row.uuid and (other := others.filter(managed_system=row.managed_system, uuid=row.uuid).first()):
        raise Conflict(f"{other} has the UUID {row.uuid} already.", code="exists_already")
    row.save(update_fields=list(changed))


def _row(model: type[Any], item: Discovered) -> Any:
    found = model.objects.select_for_update().filter(pk=item.row).first()
    if found is None:
        raise Conflict(f"{item.name} is not in the inventory any more.", code="seen_since")
    return found


def _is_row(item: Discovered, pk: int) -> None:
    item.row = pk
    item.save(update_fields=["row"])


def _new_nim_object(item: Discovered) -> None:
    row = NimObject.objects.create(
        master=item.discovery.host.nim_master,
        name=item.name[:100],
        object_class=item.after["class"][:40],
        object_type=item.after["type"][:40],
        read_at=now(),
    )
    _is_row(item, row.pk)


def _changed_nim_object(item: Discovered) -> None:
    """Its attributes are kept as they were read; here it comes back into service, or changes its kind."""
    row = _row(NimObject, item)
    row.object_class = item.after.get("class", row.object_class)[:40]
    row.object_type = item.after.get("type", row.object_type)[:40]
    row.retired_at = None
    row.save(update_fields=["object_class", "object_type", "retired_at"])


def _gone_nim_object(item: Discovered) -> None:
    row = _row(NimObject, item)
    if row.read_at > item.discovery.asked_at:
        raise Conflict(
            f"{item.name} was seen since this discovery.",
            remedy="Look at the newest discovery instead.",
            code="seen_since",
        )
    row.lpar, row.linked_by, row.retired_at = None, NimObject.Ground.NONE, now()
    row.save(update_fields=["lpar", "linked_by", "retired_at"])


_KIND, _CHANGE = Discovered.Kind, Discovered.Change
_TAKERS: dict[tuple[str, str], Callable[[Discovered], None]] = {
    (_KIND.MANAGED_SYSTEM, _CHANGE.NEW): _new_system,
    (_KIND.MANAGED_SYSTEM, _CHANGE.CHANGED): _changed_system,
    (_KIND.MANAGED_SYSTEM, _CHANGE.GONE): _left_system,
    (_KIND.VIOS, _CHANGE.NEW): _new_vios,
    (_KIND.VIOS, _CHANGE.CHANGED): _changed_vios,
    (_KIND.VIOS, _CHANGE.GONE): _retired,
    (_KIND.LPAR, _CHANGE.CHANGED): _changed_lpar,
    (_KIND.LPAR, _CHANGE.GONE): _retired,
    (_KIND.NIM_OBJECT, _CHANGE.NEW): _new_nim_object,
    (_KIND.NIM_OBJECT, _CHANGE.CHANGED): _changed_nim_object,
    (_KIND.NIM_OBJECT, _CHANGE.GONE): _gone_nim_object,
}
