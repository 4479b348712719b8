"""Shipping providers of delivery options: read as seldom as may be, and compared with the carriers that we accept."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.errors import NotYetError, RejectedError, RetriableError, SkippableError
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.jobs.run import ShopRun
from order_sync.ledger.ledger import DamagedItemError
from order_sync.ledger.provider_lists import ProviderList, ProviderLists
from order_sync.partners.tiktok_shop.client import TikTokShop
from order_sync.partners.tiktok_shop.codes import NoProvidersError
from order_sync.partners.tiktok_shop.delivery_options import DeliveryOption
from order_sync.partners.tiktok_shop.providers import Provider, codes_not_offered, provider_for

PROVIDERS_AGE: Final = timedelta(hours=6)
"""How long a list of providers is believed."""
_NOTICE: Final = "carrier not offered"


class ShippingProviders:
    """The providers of a shop's delivery options, for one run."""

    def __init__(self, run: ShopRun, tiktok: TikTokShop) -> None:
        self._run = run
        self._tiktok = tiktok
        self._lists = ProviderLists(run.ledger.table)
        self._known: dict[str, tuple[Provider, ...]] = {}
        self._read_now: set[str] = set()

    def of(self, option: str) -> tuple[Provider, ...]:
        """The providers of a delivery option, as TikTok listed them at most PROVIDERS_AGE ago."""
        if option not in self._known:
            kept = self._kept(option)
            if kept is not None and timedelta(0) <= self._run.now() - kept.read_at < PROVIDERS_AGE:
                self._known[option] = tuple(Provider(id=id_, name=name) for id_, name in kept.names)
            else:
                self._read(DeliveryOption(id=option, name=""), kept)
        return self._known[option]

    def provider_for(self, mapped: MappedCarrier, option: str) -> Provider:
        """The provider of a carrier. A list that lacks it is read afresh, once in a run, before it is refused."""
        providers = self.of(option)
        try:
            return provider_for(mapped, providers, delivery_option=option)
        except RejectedError:
            if option in self._read_now:
                raise
        self.read(DeliveryOption(id=option, name=""))
        return provider_for(mapped, self._known[option], delivery_option=option)

    def read(self, option: DeliveryOption) -> None:
        """Read a list from TikTok Shop, whatever is kept, and tell of accepted carriers that went or are back."""
        self._read(option, self._kept(option.id))

    def forget_notices_except(self, options: Iterable[DeliveryOption]) -> None:
        """What was said of delivery options that the shop has no more is over."""
        prefixes = tuple(f"{_NOTICE} {option.id} " for option in options)
        for name in self._run.shops.notices(self._run.shop.shop):
            if name.startswith(f"{_NOTICE} ") and not name.startswith(prefixes):
                self._run.shops.lift_notice(self._run.shop.shop, name)

    def _read(self, option: DeliveryOption, before: ProviderList | None) -> None:
        run = self._run
        providers = self._tiktok.shipping_providers(option.id)
        if not providers:
            raise NotYetError(f"TikTok Shop lists no shipping provider at all for {_words(option)}")
        now_missing = codes_not_offered(run.shop.region, providers)
        names = tuple((provider.id, provider.name) for provider in providers)
        found = ProviderList(read_at=run.now(), names=names, missing=now_missing)
        self._lists.save(run.shop.shop, option.id, found)
        self._known[option.id] = providers
        self._read_now.add(option.id)
        known_missing = before.missing if before else ()
        if gone := [code for code in now_missing if code not in known_missing]:
            carriers = ", ".join(self._carrier(code) for code in gone)
            run.report.problem("carriers_not_offered", f"TikTok Shop has no {carriers} for {_words(option)}")
        if back := [code for code in known_missing if code not in now_missing]:
            run.report.count("carriers_offered_again", len(back))
        self._keep_notices(option, now_missing)

    def _keep_notices(self, option: DeliveryOption, missing: tuple[str, ...]) -> None:
        """One for each carrier that the shop's mappings lead to in vain, as long as that is so."""
        run, prefix = self._run, f"{_NOTICE} {option.id} "
        wanted = {f"{prefix}{row.code}": row.code for row in run.shop.shipping_mappings if row.code in missing}
        standing = {name for name in run.shops.notices(run.shop.shop) if name.startswith(prefix)}
        for name, code in wanted.items():
            if name not in standing:
                texts = sorted({repr(row.carrier) for row in run.shop.shipping_mappings if row.code == code})
                text = (
                    f"TikTok Shop has no {self._carrier(code)} for {_words(option)}, and shipping mappings lead to it "
                    f"from {', '.join(texts)}: such parcels fail until another carrier takes them, or it is back"
                )
                run.keep_for_a_person("mapped_carriers_not_offered", name, text)
        for name in standing - wanted.keys():
            run.shops.lift_notice(run.shop.shop, name)

    def _kept(self, option: str) -> ProviderList | None:
        """What an earlier run kept; None where there is nothing, or nothing that can be understood."""
        try:
            return self._lists.load(self._run.shop.shop, option)
        except DamagedItemError as error:
            self._run.report.problem("provider_lists_damaged", str(error))
            return None

    def _carrier(self, code: str) -> str:
        return f"{ACCEPTED_CARRIERS[self._run.shop.region][code]!r} ({code!r})"


def read_all_providers(run: ShopRun, tiktok: TikTokShop) -> None:
    """Read the lists of all delivery options: a carrier that went is known before a parcel meets it.

    What cannot be read now is counted and left to the pushes, which read a list when they need it.
    """
    lists = ShippingProviders(run, tiktok)
    try:
        options = tiktok.delivery_options()
    except (RetriableError, RejectedError) as error:
        run.report.problem("providers_not_read", str(error))
        return
    lists.forget_notices_except(options)
    for option in options:
        if not run.has_time():
            run.report.count("reconciliations_cut_short")
            return
        try:
            lists.read(option)
        except (SkippableError, NoProvidersError):
            run.report.count("delivery_options_without_providers")
        except (RetriableError, RejectedError) as error:
            run.report.problem("providers_not_read", f"{_words(option)}: {error}")


def _words(option: DeliveryOption) -> str:
    return f"delivery option {option.name!r} ({option.id})" if option.name else f"delivery option {option.id}"
