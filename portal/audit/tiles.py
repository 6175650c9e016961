"""The file layout of a log that other tools read: C2SP tlog-tiles (https://c2sp.org/tlog-tiles). Pure."""

from collections.abc import Iterator

WIDTH = 256


def tile_name(number: int, width: int = WIDTH) -> str:
    """`x001/x234/067` for 1234067; partial tiles end in `.p/WIDTH`."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups) + ("" if width == WIDTH else f".p/{width}")


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every hash tile of a tree of `size` entries."""
    level, count = 0, size
    while count:
        for number in range((count + WIDTH - 1) // WIDTH):
            yield level, number, min(WIDTH, count - number * WIDTH)
        level, count = level + 1, count // WIDTH


def bundle_member(content: bytes) -> bytes:
    """An entry inside an entry bundle: its length in two bytes, then its bytes."""
    return len(content).to_bytes(2, "big") + content
