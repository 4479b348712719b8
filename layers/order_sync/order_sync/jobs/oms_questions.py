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
    """Brings in the answers that it has recorded since the last poll."""
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
        if self._questions is None:
            return
        try:
            self._questions.read_decisions()
        except (RetriableError, RejectedError) as error:
            self._is_away = isinstance(error, RetriableError)
            self._run.report.problem("decisions_not_read", str(error))

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
