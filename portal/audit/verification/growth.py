"""The tree that grows while entries are walked through."""

from collections.abc import Iterable, Sequence

from portal.audit.merkle import EMPTY_ROOT, Frontier, complete_root, frontier_of
from portal.audit.tree import TILE_WIDTH


class Growth:
    """Takes leaf after leaf; keeps the roots of full tiles, and the tree's root at each `wanted` size."""

    def __init__(self, wanted: Iterable[int]) -> None:
        self.roots: dict[int, bytes] = {}
        self.tile_roots: list[bytes] = []
        self._tiles = Frontier()
        self._tile: list[bytes] = []
        self._size = 0
        self._ahead = sorted(set(wanted), reverse=True)
        self._keep_root()

    def extend(self, leaves: Sequence[bytes]) -> None:
        """The next leaf hashes."""
        done = 0
        while done < len(leaves):
            step = TILE_WIDTH - len(self._tile)
            if self._ahead:
                step = min(step, self._ahead[-1] - self._size)
            taken = leaves[done : done + step]
            self._tile += taken
            self._size += len(taken)
            done += len(taken)
            if len(self._tile) == TILE_WIDTH:
                self.tile_roots.append(complete_root(self._tile))
                self._tiles.append(self.tile_roots[-1])
                self._tile.clear()
            self._keep_root()

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._size:
            return EMPTY_ROOT
        rest = frontier_of(self._tile)
        return Frontier(self._size, [*self._tiles.hashes, *rest.hashes]).root()

    def _keep_root(self) -> None:
        if self._ahead and self._ahead[-1] == self._size:
            self.roots[self._ahead.pop()] = self.root()
