"""Parcels for TikTok Shop: told once, split as it wants, given another label, looked at again where it had doubts."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from order_sync.domain.carriers import folded
from order_sync.domain.errors import AlreadyDoneError, NotYetError, RejectedError, SkippableError, SplitRefusedError
from order_sync.domain.facts import LineFacts, OrderFacts
from order_sync.domain.ids import CancelId, LineId
from order_sync.domain.observing import link_tends
from order_sync.domain.outbox import parcel_of
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.records import OrderRecord
from order_sync.domain.shipping.corrections import decide_corrected, why_not_correctable
from order_sync.domain.shipping.splits import decide_exchange, groups_of, lines_that_fit
from order_sync.domain.shipping.telling import decide_checked, decide_shipped_at_tiktok
from order_sync.domain.shipping_mappings import find_mapping, map_carrier
from order_sync.domain.tracking.judgement import Grade
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.parcel_checks import checked
from order_sync.jobs.run import ShopRun
from order_sync.jobs.shipping_providers import ShippingProviders
from order_sync.jobs.telling import Decision, Task
from order_sync.partners.tiktok_shop.client import ShippedPackage, TikTokShop
from order_sync.partners.tiktok_shop.providers import Provider


class ParcelTelling:
    """Tells of parcels for one run."""

    def __init__(self, run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch) -> None:
        self._run = run
        self._tiktok = tiktok
        self._watch = watch
        self._providers = ShippingProviders(run, tiktok)
        self.met_requests: list[CancelId] = []
        """The open cancel requests of orders whose parcels were told."""
        self._corrected: dict[str, str] = {}
        """Packages that got another tracking number in this run. Orders that TikTok has combined share one."""

    def ship(self, task: Task) -> Decision:
        """A parcel. The call has no idempotency key, so what TikTok shows is believed before it is made again."""
        facts = _facts(task)
        parcel = without_canceled_lines(facts, parcel_of(task.entry, task.record.parcels))
        if (there := package_at_tiktok(facts, parcel)) is not None:
            return _shipped(there)
        if link_tends(task.record.order, self._run.shop):
            _refuse_told_otherwise(facts, parcel)
        parcel = parcel.under(parcel.newest_label)
        provider, doubts = self._looked_at(task, facts, parcel)
        try:
            shipped = self._ship(task.record, facts, parcel, provider)
        except AlreadyDoneError:
            return self._shipped_before(task, parcel)
        if request := task.record.open_request:
            self.met_requests.append(request.id)
        if shipped.warning:
            text = f"order {task.record.order.id} parcel {parcel.id}: {shipped.warning}"
            self._run.report.problem("doubtful_acceptances", text)
        there = PackageThere(shipped.package_id, parcel.label, provider.name)
        return _shipped(there, warning=shipped.warning, doubts=doubts)

    def correct(self, task: Task) -> Decision:
        """Another label for a parcel that TikTok has; unless it shows it already, the one change that it allows."""
        facts = _facts(task)
        parcel = parcel_of(task.entry, task.record.parcels)
        wanted = parcel.wanted
        if wanted is None:
            raise AlreadyDoneError("TikTok Shop has the newest label")
        provider, doubts = self._looked_at(task, facts, without_canceled_lines(facts, parcel.under(wanted)))
        package_id, shown = _package_of(facts, parcel)
        if self._is_there(parcel, wanted, provider, shown):
            return _corrected(wanted, carrier=shown.carrier, was_told=False)
        if self._corrected.get(package_id) == wanted.tracking_number:
            return _corrected(wanted, carrier=provider.name)
        if why_not := why_not_correctable(parcel, self._run.now(), self._run.shop.shipping.tracking_changes):
            raise RejectedError(why_not)
        self._tiktok.correct(package_id, tracking_number=wanted.tracking_number, provider_id=provider.id)
        self._corrected[package_id] = wanted.tracking_number
        return _corrected(wanted, carrier=provider.name, doubts=doubts)

    def _is_there(self, parcel: Parcel, wanted: Label, provider: Provider, shown: Label) -> bool:
        """Whether TikTok shows the wanted label: by its number, or by the carrier where the number stays."""
        if shown.tracking_number != wanted.tracking_number:
            return False
        if wanted.tracking_number != parcel.tracking_number:
            return True
        return self._same_carrier(parcel, wanted) or folded(shown.carrier or parcel.tiktok_carrier) == folded(
            provider.name
        )

    def _same_carrier(self, parcel: Parcel, wanted: Label) -> bool:
        """Whether other words stand for the carrier that TikTok was told."""
        shop = self._run.shop
        told = find_mapping(shop, parcel.carrier, parcel.shipping_class)
        mapped = find_mapping(shop, wanted.carrier, wanted.shipping_class)
        return bool(told and mapped and told.code == mapped.code and not parcel.in_tiktoks_words)

    def check(self, task: Task) -> Decision:
        """A parcel that TikTok took with a warning: is it there as it was told?"""
        facts = _facts(task)
        parcel = without_canceled_lines(facts, parcel_of(task.entry, task.record.parcels))
        if package_at_tiktok(facts, parcel) is None:
            raise RejectedError(f"TikTok Shop took tracking number {parcel.tracking_number!r} and does not show it")
        _, shown = _package_of(facts, parcel)
        return lambda record, entry, now: decide_checked(record, entry, shown.carrier, now)

    def _looked_at(self, task: Task, facts: OrderFacts, parcel: Parcel) -> tuple[Provider, str]:
        """The provider for a parcel that may go, and what speaks against it all the same."""
        mapped = map_carrier(self._run.shop, parcel)
        found = checked(self._run, task.record, parcel, mapped)
        provider = self._providers.provider_for(mapped, facts.delivery_option_id)
        unsure = found.reasons if found.grade is Grade.UNKNOWN else ()
        return provider, "; ".join((*found.warnings, *unsure))

    def _ship(self, record: OrderRecord, facts: OrderFacts, parcel: Parcel, provider: Provider) -> ShippedPackage:
        def send(lines: tuple[LineId, ...]) -> ShippedPackage:
            return self._tiktok.ship(
                record.order.id,
                tracking_number=parcel.tracking_number,
                provider_id=provider.id,
                line_ids=lines,
            )

        try:
            return send(parcel.line_ids)
        except SplitRefusedError as error:
            return self._ship_as_split(record, facts, parcel, send, error)

    def _ship_as_split(
        self,
        record: OrderRecord,
        facts: OrderFacts,
        parcel: Parcel,
        send: Callable[[tuple[LineId, ...]], ShippedPackage],
        refusal: SplitRefusedError,
    ) -> ShippedPackage:
        """TikTok does not let these units go without others: other units of the same SKUs may."""
        order = record.order
        lines = lines_that_fit(record, parcel, groups_of(facts))
        if not lines or set(lines) == set(parcel.line_ids):
            reason = self._tiktok.split_attributes(order.id).reason
            said = f"; TikTok Shop says: {reason}" if reason else ""
            raise RejectedError(
                f"{refusal}{said}. Its units must leave in the packages that Seller Center shows: report them so, "
                "or ship there"
            )
        self._run.ledger.change(
            order.shop,
            order.id,
            lambda now: decide_exchange(now, parcel.id, lines, self._run.now()) if now else None,
        )
        self._run.report.count("parcels_with_lines_exchanged")
        return send(lines)

    def _shipped_before(self, task: Task, parcel: Parcel) -> Decision:
        reading = self._watch.re_read([task.record.order.id]).get(task.record.order.id)
        there = package_at_tiktok(reading.facts, parcel) if reading else None
        if there is None:
            raise RejectedError("TikTok Shop says that these lines are shipped, but not with this tracking number")
        return _shipped(there)


def without_canceled_lines(facts: OrderFacts, parcel: Parcel) -> Parcel:
    """The parcel as TikTok can take it. Raises SkippableError when all of its lines were cancelled meanwhile."""
    canceled = {line.id for line in facts.lines if line.canceled}
    living = tuple(line for line in parcel.line_ids if line not in canceled)
    if not living:
        raise SkippableError("all lines of the parcel were cancelled")
    return replace(parcel, line_ids=living)


def _refuse_told_otherwise(facts: OrderFacts, parcel: Parcel) -> None:
    """Raises RejectedError where TikTok Shop has the parcel's number over other units: told again it would be two."""
    others = [line.id for line in facts.lines if line.shipped and line.tracking_number in parcel.numbers]
    if others and len(others) >= len(parcel.line_ids):
        raise RejectedError(
            f"TikTok Shop has tracking number {parcel.tracking_number!r} on lines {', '.join(others)} already"
        )


class PackageThere(NamedTuple):
    """What TikTok has of a parcel."""

    package_id: str
    told: Label
    """The one of its labels that TikTok has."""
    carrier: str
    """How TikTok names its carrier."""


def package_at_tiktok(facts: OrderFacts, parcel: Parcel) -> PackageThere | None:
    """The package that TikTok has for this parcel; None when it has none with one of its tracking numbers.

    Raises RejectedError when lines of the parcel left under another tracking number.
    """
    shipped = _lines_with_tracking(facts, parcel)
    other = [line for line in shipped if parcel.label_with(line.tracking_number) is None]
    if other:
        lines = ", ".join(line.id for line in other)
        raise RejectedError(f"lines {lines} are shipped at TikTok Shop with {other[0].tracking_number!r}")
    if not shipped:
        return None
    if len(shipped) < len(parcel.line_ids):
        lines = ", ".join(line.id for line in shipped)
        raise RejectedError(f"only lines {lines} of the parcel are shipped at TikTok Shop: ship the rest by hand")
    first = shipped[0]
    told = parcel.label_with(first.tracking_number) or parcel.label
    return PackageThere(first.package_id, told, first.carrier)


def _facts(task: Task) -> OrderFacts:
    if task.reading is None:
        raise NotYetError(f"TikTok Shop does not show order {task.record.order.id}")
    return task.reading.facts


def _lines_with_tracking(facts: OrderFacts, parcel: Parcel) -> list[LineFacts]:
    return [line for line in facts.lines if line.id in parcel.line_ids and line.tracking_number]


def _package_of(facts: OrderFacts, parcel: Parcel) -> tuple[str, Label]:
    """TikTok's package of a parcel that it has, and the label that it shows. Raises NotYetError before it shows one."""
    lines = _lines_with_tracking(facts, parcel)
    if not lines:
        raise NotYetError(f"TikTok Shop does not show parcel {parcel.id} yet")
    first = lines[0]
    package_id = first.package_id or parcel.package_id
    if not package_id:
        raise NotYetError(f"TikTok Shop does not show the package of parcel {parcel.id} yet")
    return package_id, Label(carrier=first.carrier, tracking_number=first.tracking_number)


def _shipped(there: PackageThere, *, warning: str = "", doubts: str = "") -> Decision:
    return lambda record, entry, now: decide_shipped_at_tiktok(
        record,
        entry,
        there.package_id,
        warning,
        now,
        told=there.told,
        carrier=there.carrier,
        doubts=doubts,
    )


def _corrected(label: Label, *, carrier: str, was_told: bool = True, doubts: str = "") -> Decision:
    return lambda record, entry, now: decide_corrected(
        record, entry, label, now, carrier=carrier, was_told=was_told, doubts=doubts
    )
