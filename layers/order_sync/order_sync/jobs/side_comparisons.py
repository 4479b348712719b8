"""Comparing the sides of a shop one by one: what is found is repaired where a rule says how, or left to people."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError, SkippableError
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source
from order_sync.domain.reconciling.differences import Difference, Kind, Repair
from order_sync.domain.reconciling.repairs import decide_queued_again, with_care
from order_sync.domain.reconciling.rules import Rules
from order_sync.domain.reconciling.summaries import (
    Comparison,
    Summary,
    confirmed,
    from_the_start,
    with_found,
    with_trouble,
)
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.comparing import Comparing, Partner, compare_side
from order_sync.jobs.comparing_partners import in_channeladvisor, in_oms
from order_sync.jobs.comparing_tiktok import compare_tiktok
from order_sync.jobs.push_channeladvisor import NATIVE_LINK
from order_sync.jobs.run import ShopRun
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from order_sync.partners.oms.rest import RestOms
from order_sync.partners.tiktok_shop.client import TikTokShop

CYCLES_THAT_ARE_YOUNG: Final = 2
"""What changed within so many cycles may still be on its way."""
MOST_SEEN_AGAIN: Final = 1_000
"""Orders that a partner has and the ledger has not: other sites' numbers can look like TikTok Shop's."""

_POLLS: Final = {
    Source.TIKTOK_SHOP: "poll_tiktok",
    Source.CHANNELADVISOR: "poll_channeladvisor",
    Source.OMS: "poll_oms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The other partners, as late as they are needed: what one lacks (a secret, a token) stops no other."""

    channeladvisor: Callable[[], ChannelAdvisor]
    oms: Callable[[], RestOms]


class SideComparisons:
    """Compares for one run. `refused` is what a person must repair at a partner: a secret, an authorisation."""

    def __init__(
        self, run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, sides: Sides, *, reach: datetime
    ) -> None:
        """`reach` is up to when the poll of orders has surely read."""
        self.refused: list[RejectedError] = []
        self._run = run
        self._tiktok = tiktok
        self._watch = watch
        self._sides = sides
        self._reach = reach

    def compare(self, side: Source, summary: Summary) -> Summary:
        """The summary after one side was compared, or could not be."""
        run, before = self._run, summary.of(side)
        rules = Rules(
            side=side,
            now=run.now(),
            young=CYCLES_THAT_ARE_YOUNG * run.timing.cycle,
            read_up_to=self._polled(side) - run.timing.poll_overlap,
            creates=side is not Source.CHANNELADVISOR or self._creates_in_channeladvisor(),
        )
        comparing = Comparing(run=run, rules=rules, place=before.place)
        try:
            after = self._compared(comparing, before)
        except SkippableError as error:
            run.report.count(f"{side.lower()}_offers_no_open_orders")
            # What was known of it can be ended by nothing that is compared.
            after = with_trouble(Comparison(), str(error))
        except RetriableError as error:
            run.report.problem("comparisons_postponed", f"{side}: {error}")
            after = with_trouble(before, str(error))
        except RejectedError as error:
            run.report.problem("comparisons_postponed", f"{side}: {error}")
            self.refused.append(error)
            # It may be the place that the partner refuses: the next run begins anew.
            after = with_trouble(from_the_start(before) if before.place else before, str(error))
        return Summary(sides={**summary.sides, side: after})

    def _polled(self, side: Source) -> datetime:
        """When the side was last read to the end by its poll."""
        return self._run.shops.last_polled(self._run.shop.shop).get(_POLLS[side], self._run.shop.starts_at)

    def _creates_in_channeladvisor(self) -> bool:
        run = self._run
        return not run.shop.observes and not run.shops.notice(run.shop.shop, NATIVE_LINK)

    def _compared(self, comparing: Comparing, before: Comparison) -> Comparison:
        run, side = self._run, comparing.rules.side
        partner = self._partner(side)
        if partner is None:
            compare_tiktok(comparing, self._tiktok, self._watch, self._reach)
        else:
            compare_side(comparing, partner)
        if comparing.place:
            run.report.count("comparisons_cut_short")
        sure, unsure = confirmed(before, comparing.found)
        careful = with_care(sure, side=side, looked_at=comparing.looked_at)
        found = list(self._repaired(careful, partner, comparing.rules))
        for each in found:
            text = f"order {each.order or 'none'}: {each.explanation}"
            if each.repair is None:
                run.report.problem("differences_found", text)
            else:
                run.report.problem("differences_repaired", text)
        return with_found(before, found, comparing.place, run.now(), unsure)

    def _partner(self, side: Source) -> Partner | None:
        """How a side is asked; None for TikTok Shop, which is seen as its poll sees it."""
        match side:
            case Source.CHANNELADVISOR:
                return in_channeladvisor(self._run, self._sides.channeladvisor())
            case Source.OMS:
                return in_oms(self._run, self._sides.oms())
            case _:
                return None

    def _repaired(
        self, differences: Sequence[Difference], partner: Partner | None, rules: Rules
    ) -> Iterator[Difference]:
        """The differences after the repairs: each with what was done about it, or for a person."""
        unknown = [each for each in differences if _is_unknown(each)]
        given = self._seen_now([each.order for each in unknown])
        for each in differences:
            if each.repair in (Repair.QUEUE_AGAIN, Repair.LINK_AGAIN) and partner is not None:
                yield from self._repaired_there(each, partner, rules)
            elif not _is_unknown(each) or (given is not None and each.order in given):
                yield each
            elif each.side is Source.CHANNELADVISOR or given is None:
                # Another site's number, where TikTok Shop does not know it.
                self._run.report.count("unknown_orders_left_alone")
            else:
                yield replace(each, repair=None)

    def _repaired_there(self, difference: Difference, partner: Partner, rules: Rules) -> Iterator[Difference]:
        """What is told or linked again; a person's where the number that is linked is not gone, but elsewhere."""
        moves_a_number = difference.kind in (Kind.MISSING_THERE, Kind.OTHER_NUMBER)
        place = partner.stands_in(difference.number) if moves_a_number else None
        if place is not None:
            kind, known = difference.kind, f"{difference.detail}; {place}"
            kind, detail = (Kind.ELSEWHERE, place) if kind is Kind.MISSING_THERE else (kind, known)
            yield replace(difference, kind=kind, detail=detail, repair=None, entry="", other_number="")
            return
        is_link = difference.repair is Repair.LINK_AGAIN
        if partner.link(difference, rules) if is_link else self._queue_again(difference, rules):
            yield difference
        else:
            self._run.report.count("differences_gone_meanwhile")

    def _queue_again(self, difference: Difference, rules: Rules) -> bool:
        run = self._run
        change = run.ledger.change(
            run.shop.shop,
            difference.order,
            lambda record: decide_queued_again(record, difference, rules, run.now()) if record else None,
        )
        return change is not None

    def _seen_now(self, orders: Sequence[OrderId]) -> frozenset[OrderId] | None:
        """Those that TikTok Shop gives; they are seen now. None when it cannot be asked."""
        if not orders:
            return frozenset()
        try:
            return frozenset(self._watch.orders.re_read(orders[:MOST_SEEN_AGAIN]))
        except (RetriableError, RejectedError) as error:
            self._run.report.problem("orders_not_re_read", str(error))
            return None


def _is_unknown(difference: Difference) -> bool:
    return difference.kind is Kind.UNKNOWN_HERE and difference.side is not Source.TIKTOK_SHOP
