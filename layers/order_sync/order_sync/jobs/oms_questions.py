"""What a shop's OMS is asked before a rule speaks for it."""

from collections.abc import Callable
from dataclasses import dataclass

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import LineId, OrderId
from order_sync.jobs.run import ShopRun


@dataclass(frozen=True, slots=True, kw_only=True)
class OmsQuestions:
    """The questions. Raise RetriableError or RejectedError."""

    read_decisions: Callable[[], None]
    """Brings in the answers about cancel requests that it has recorded since the last poll."""
    read_return_decisions: Callable[[], None]
    """The same about returns."""
    packed_lines: Callable[[OrderId], frozenset[LineId]]
    """Which lines of an order it has packed or shipped."""


class AskedOms:
    """A shop's OMS during one run: once it did not answer it is not asked again, so that no order waits for another."""

    def __init__(self, run: ShopRun, questions: OmsQuestions | None) -> None:
        self._run = run
        self._questions = questions
        self._is_away = False

    def read_decisions(self) -> None:
        """An answer that the OMS gave in time counts, although no poll has brought it yet."""
        if self._questions is not None:
            self._read(self._questions.read_decisions)

    def read_return_decisions(self) -> None:
        """The same about returns."""
        if self._questions is not None:
            self._read(self._questions.read_return_decisions)

    def _read(self, read: Callable[[], None]) -> None:
        if self._is_away:
            return
        try:
            read()
        except (RetriableError, RejectedError) as error:
            self._is_away = isinstance(error, RetriableError)
            self._run.report.problem("decisions_not_read", str(error))

    @property
    def is_away(self) -> bool:
        """Whether it did not answer in this run."""
        return self._is_away

    def packed_lines(self, order: OrderId) -> frozenset[LineId] | None:
        """What the OMS has packed; None while it cannot say."""
        if self._questions is None:
            return frozenset()
        if self._is_away:
            return None
        try:
            return self._questions.packed_lines(order)
        except (RetriableError, RejectedError) as error:
            self._is_away = isinstance(error, RetriableError)
            self._run.report.problem("packed_lines_not_read", f"order {order}: {error}")
            return None
