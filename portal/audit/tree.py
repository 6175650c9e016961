"""The stored tree: leaves from entries, hashes of levels 8, 16, … from tiles."""

from portal.audit.merkle import Frontier, complete_root, frontier_at
from portal.audit.models import Entry, Tile

TILE_WIDTH = 256
TILE_HEIGHT = 8


def ledger_size() -> int:
    """How many entries have their place in the ledger."""
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return 0 if last is None else last + 1


def level_hashes(tile_level: int, start: int, count: int) -> list[bytes]:
    """Stored hashes `start` … of tree level `8 * tile_level`; fewer where the tree ends."""
    rows = (
        Entry.objects.filter(seq__gte=start, seq__lt=start + count)
        .order_by("seq")
        .values_list("leaf", flat=True)
        if tile_level == 0
        else Tile.objects.filter(level=tile_level - 1, position__gte=start, position__lt=start + count)
        .order_by("position")
        .values_list("root", flat=True)
    )
    return [bytes(row) for row in rows]


def stored_subtree(level: int, index: int) -> bytes:
    """Hash of a complete subtree (a `merkle.Subtree`). Raises LookupError where rows are missing."""
    tile_level, height = divmod(level, TILE_HEIGHT)
    count = 1 << height
    hashes = level_hashes(tile_level, index << height, count)
    if len(hashes) != count:
        raise LookupError(f"Hashes of level {level}, position {index} are missing.")
    return complete_root(hashes)


def stored_frontier(size: int) -> Frontier:
    """The frontier of the first `size` entries, from what is stored. Raises LookupError."""
    return frontier_at(size, stored_subtree)


def complete_tiles(old_size: int, new_size: int) -> None:
    """Store the tiles that became full while the ledger grew from `old_size` to `new_size`."""
    level, old, new = 0, old_size // TILE_WIDTH, new_size // TILE_WIDTH
    while old < new:
        Tile.objects.bulk_create(
            Tile(
                level=level,
                position=position,
                root=complete_root(level_hashes(level, position * TILE_WIDTH, TILE_WIDTH)),
            )
            for position in range(old, new)
        )
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH
