"""The port to the table: the few operations that the ledger needs, each with a version as its only condition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

type Scalar = str | int | bool
type Item = dict[str, Scalar]


class Key(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str


class VersionConflictError(Exception):
    """Somebody else wrote the item since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write an item whole.

    `expects` is the `version` that the stored item must have: 0 means that there must be none, None
    means that it does not matter.
    """

    item: Item
    expects: int | None = None

    @property
    def key(self) -> Key:
        """Where the item goes."""
        return Key(str(self.item["pk"]), str(self.item["sk"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Add to numbers of an item, whatever they are; an item or a number that is not there counts from zero."""

    key: Key
    amounts: Mapping[str, int]


type Write = Put | Add


class Table(Protocol):
    """What the ledger needs of a table. Reads are strongly consistent, except of the due index."""

    def get(self, key: Key) -> Item | None:
        """One item."""

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist, in no particular order."""

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition with `since` <= sort key < `before`, ascending."""

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index: the keys in a due list, the longest due first.

        `since` and `until` are epoch milliseconds, and both belong to the window.
        """

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        """From the index: how many keys are in a window of a due list."""

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none, at most 100. Raises VersionConflictError.

        So does an `Add` that meets another transaction at its item: the numbers are as they were.
        """

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item; one that is not there is fine.

        With `expects`, only the one of this version: raises VersionConflictError when it is not there.
        """
