"""Virtual adapters and slots of partitions, as `lshwres -r virtualio` lists them."""

from inventory.lab.commands.hmc.table import Record
from inventory.lab.world.frame import ManagedSystem, Partition

SERIAL_SLOTS = (0, 1)
CLIENT_SLOTS = (4, 5)


def fibre_channel(system: ManagedSystem, part: Partition) -> list[Record]:
    """The Fibre Channel adapters of a partition: a client has one to each VIOS."""
    vioses = _vioses(system)
    if part in vioses:
        clients = [each for each in system.partitions if each not in vioses]
        slot = CLIENT_SLOTS[vioses.index(part) % len(CLIENT_SLOTS)]
        return [_adapter(part, "server", each.lpar_id, each, slot) for each in clients]
    return [
        {
            **_adapter(part, "client", slot, vios, part.lpar_id),
            "wwpns": ",".join(f"c0507608a{slot:x}{part.lpar_id:04x}{name:02x}" for name in range(part.wwpns)),
        }
        for slot, vios in zip(CLIENT_SLOTS, vioses, strict=False)
    ]


def slot_limits(part: Partition) -> list[Record]:
    """How many virtual slots a partition may have."""
    return [
        {
            "lpar_name": part.name,
            "lpar_id": part.lpar_id,
            "curr_max_virtual_slots": part.max_virtual_slots,
            "pend_max_virtual_slots": part.max_virtual_slots,
        }
    ]


def slots(system: ManagedSystem, part: Partition) -> list[Record]:
    """The virtual slots that a partition uses."""
    used = {slot: "serial" for slot in SERIAL_SLOTS}
    used |= {int(adapter["slot_num"]): "fc" for adapter in fibre_channel(system, part)}
    return [
        {
            "slot_num": slot,
            "lpar_name": part.name,
            "lpar_id": part.lpar_id,
            "config": config,
            "state": 1,
            "is_required": 0,
        }
        for slot, config in sorted(used.items())
    ]


def _vioses(system: ManagedSystem) -> list[Partition]:
    return [part for part in system.partitions if part.env == "vioserver"]


def _adapter(part: Partition, kind: str, slot: int, remote: Partition, remote_slot: int) -> Record:
    return {
        "lpar_name": part.name,
        "lpar_id": part.lpar_id,
        "slot_num": slot,
        "adapter_type": kind,
        "state": 1,
        "is_required": 0,
        "remote_lpar_id": remote.lpar_id,
        "remote_lpar_name": remote.name,
        "remote_slot_num": remote_slot,
    }
