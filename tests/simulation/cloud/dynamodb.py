"""What DynamoDB does and moto does not: transactions that meet, and tokens that make a second try harmless.

From the developer guide ("Transactions: how it works"), the API reference (TransactWriteItems and its exceptions) and
botocore's standard retry mode. The errors are those that `DynamoTable` makes of DynamoDB's.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.memory_table import item_size
from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Item, Key, VersionConflictError

TOKENS_LAST: Final = timedelta(minutes=10)
"""From the end of the first transaction of a token on."""


class TransactionInProgressError(RetriableError):
    """The first try of a transaction has not ended yet: its client tries again by itself."""


class IdempotentParameterMismatchError(RetriableError):
    """A token came again with another request."""


@dataclass(slots=True)
class InFlight:
    """The writes under way. Whoever comes second loses; reads wait for nobody and see what is committed."""

    _transactions: Counter[Key] = field(default_factory=Counter)
    _writes: Counter[Key] = field(default_factory=Counter)

    @contextmanager
    def transaction(self, keys: Iterable[Key]) -> Iterator[None]:
        """A TransactWriteItems while it is under way. Raises VersionConflictError when it meets any write."""
        wanted = frozenset(keys)
        with self._under_way(wanted, self._transactions, (self._transactions, self._writes)):
            yield

    @contextmanager
    def single(self, key: Key) -> Iterator[None]:
        """A PutItem or DeleteItem while it is under way. Raises VersionConflictError when it meets a transaction.

        Two of them do not meet: one comes after the other, and its condition sees what the first one wrote.
        """
        with self._under_way(frozenset((key,)), self._writes, (self._transactions,)):
            yield

    @contextmanager
    def _under_way(self, keys: frozenset[Key], mine: Counter[Key], meets: Collection[Counter[Key]]) -> Iterator[None]:
        for key in sorted(keys):
            if any(key in others for others in meets):
                raise VersionConflictError(key)
        mine.update(keys)
        try:
            yield
        finally:
            mine.subtract(keys)
            for key in keys:
                if not mine[key]:
                    del mine[key]


@dataclass(slots=True)
class _Used:
    request: object
    ended_at: datetime | None = None


class TokenBook:
    """The client request tokens of transactions. botocore gives each call one, the same to all its tries.

    A PutItem or DeleteItem has none: a second try of one with a condition meets what the first one wrote.
    """

    def __init__(self) -> None:
        self._used: dict[str, _Used] = {}

    def seen(self, token: str, request: object, now: datetime) -> bool:
        """Whether this transaction succeeded already: then it is told so once more, and nothing is written.

        If not, it is under way from now on, until `succeeded` or `canceled`. Raises TransactionInProgressError and
        IdempotentParameterMismatchError.
        """
        used = self._used.get(token)
        if used is not None and used.ended_at is not None and now - used.ended_at >= TOKENS_LAST:
            used = None
        if used is None:
            self._used[token] = _Used(request)
            return False
        if used.request != request:
            raise IdempotentParameterMismatchError("DynamoDB TransactWriteItems: IdempotentParameterMismatchException")
        if used.ended_at is None:
            raise TransactionInProgressError("DynamoDB TransactWriteItems: TransactionInProgressException")
        return True

    def succeeded(self, token: str, now: datetime) -> None:
        """It is committed: for ten minutes the same request only asks whether it is."""
        self._used[token].ended_at = now

    def canceled(self, token: str) -> None:
        """Nothing was written: the next try is judged anew."""
        del self._used[token]

    def forget(self, token: str) -> None:
        """Its client has its answer, or has given up: nobody sends this token again."""
        self._used.pop(token, None)


def units_of_a_second_try(items: Iterable[Item]) -> int:
    """Read units of a transaction that is only told once more: each item is read twice, in whole 4 KB."""
    return sum(2 * max(1, -(-item_size(item) // 4096)) for item in items)
