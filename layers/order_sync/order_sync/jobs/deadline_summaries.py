"""What people read about deadlines: one summary a run, kept until it is published."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import BaseModel, ValidationError

from order_sync.domain.deadlines.deadlines import MISSED, DeadlineKind, GivenWarning
from order_sync.domain.deadlines.reports import note, plural
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import OrderId
from order_sync.jobs.notices import Publish
from order_sync.jobs.run import ShopRun

ORDERS_NAMED: Final = 50
"""A summary names so many orders of each kind; the report and the timeline name all."""
SUMMARY: Final = "deadline-summary"


def kind_of(warning: GivenWarning) -> str:
    """The name of a warning in counts and logs."""
    if warning.kind is DeadlineKind.AUTOMATIC_CANCEL:
        return "automatic_cancel_near"
    return "dispatch_deadline_missed" if warning.level == MISSED else f"dispatch_due_in_{warning.level}_business_hours"


_TITLES: Final = {
    "dispatch_deadline_missed": "missed the dispatch deadline",
    "dispatch_due_in_4_business_hours": "must be dispatched within 4 business hours",
    "dispatch_due_in_12_business_hours": "must be dispatched within 12 business hours",
    "dispatch_due_in_24_business_hours": "must be dispatched within 24 business hours",
    "automatic_cancel_near": "will be cancelled by TikTok Shop within 24 business hours",
}


def is_kept(run: ShopRun) -> bool:
    """Whether an earlier run could not publish its summary."""
    return bool(run.shops.notice(run.shop.shop, SUMMARY))


class _Kept(BaseModel):
    """A summary that is not published yet, as a notice of the shop."""

    counts: dict[str, int] = {}
    named: dict[str, list[str]] = {}


class Summary:
    """What people are told at the end of a run, and what an earlier run could not tell them."""

    def __init__(self, run: ShopRun) -> None:
        self._run = run
        kept = run.shops.notice(run.shop.shop, SUMMARY)
        earlier = _Kept()
        try:
            earlier = _Kept.model_validate_json(kept) if kept else earlier
        except ValidationError:
            run.report.problem("summaries_damaged", f"notice {SUMMARY} of shop {run.shop.shop}: {kept[:200]}")
        self._counts = Counter(earlier.counts)
        self._named = dict(earlier.named)

    def keep(self, warnings: Iterable[tuple[GivenWarning, OrderId]]) -> None:
        """Keep these warnings of orders, before they are recorded."""
        fresh = sorted(warnings, key=lambda each: (each[0].deadline, each[1]))
        if not fresh:
            return
        for warning, order in fresh:
            self._counts[kind_of(warning)] += 1
            named = self._named.setdefault(kind_of(warning), [])
            if len(named) < ORDERS_NAMED:
                named.append(self._words(warning, order))
        kept = _Kept(counts=self._counts, named=self._named)
        self._run.shops.put_notice(self._run.shop.shop, SUMMARY, kept.model_dump_json())

    def forget(self, warning: GivenWarning, order: OrderId) -> None:
        """A warning was not recorded after all."""
        kind, words = kind_of(warning), self._words(warning, order)
        self._counts[kind] -= 1
        if words in self._named[kind]:
            self._named[kind].remove(words)

    def _words(self, warning: GivenWarning, order: OrderId) -> str:
        return f"{order} by {warning.deadline.astimezone(self._run.shop.zone):%a %d %b %H:%M}"

    def tell(self, publish: Publish) -> None:
        """Publish it. What cannot be published now is kept for the next run."""
        run, shop, number = self._run, self._run.shop, self._counts.total()
        if not number:
            if is_kept(run):
                run.shops.lift_notice(shop.shop, SUMMARY)
            return
        try:
            publish(f"{shop.name}: {plural(number, 'deadline warning')}", "\n".join(self._lines()))
        except (RetriableError, RejectedError) as error:
            run.report.problem("summaries_not_published", str(error))
            return
        run.shops.lift_notice(shop.shop, SUMMARY)
        run.report.count("summaries_published")

    def _lines(self) -> Iterator[str]:
        shop = self._run.shop
        yield f"Shop {shop.name} ({shop.shop}), times in {shop.time_zone}"
        for kind, title in _TITLES.items():
            if number := self._counts[kind]:
                yield f"{number} {'order' if number == 1 else 'orders'} {title}:"
                named = self._named[kind]
                yield from (f"  {order}" for order in named)
                if number > len(named):
                    yield f"  and {number - len(named)} more"
        if note(shop):
            yield note(shop)
