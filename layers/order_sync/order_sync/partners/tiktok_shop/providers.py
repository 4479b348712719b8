"""From an accepted carrier to the shipping provider that TikTok offers for a delivery option (G4, TT 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region
from order_sync.domain.shipping_mappings import MappedCarrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A carrier as TikTok knows it for one delivery option."""

    id: str
    name: str


def provider_for(mapped: MappedCarrier, providers: Sequence[Provider], *, delivery_option: str) -> Provider:
    """The provider with the carrier's name or, if there is none, its code, in any case.

    Raises RejectedError with carrier, delivery option and nearest name: a carrier is never switched by guess.
    """
    wanted, found = _standing_for(mapped.code, mapped.name, providers)
    if len(found) == 1:
        return found[0]
    if found:
        raise RejectedError(
            f"carrier {wanted!r} stands for {len(found)} shipping providers "
            f"of delivery option {delivery_option!r} at TikTok Shop"
        )
    spellings = {provider.name.casefold(): provider.name for provider in providers}
    nearest = get_close_matches(mapped.name.casefold(), spellings, n=1, cutoff=0.0)
    hint = f"nearest is {spellings[nearest[0]]!r}" if nearest else "it has none at all"
    raise RejectedError(
        f"carrier {mapped.name!r} ({mapped.code!r}) is no shipping provider "
        f"of delivery option {delivery_option!r} at TikTok Shop; {hint}"
    )


def codes_not_offered(region: Region, providers: Sequence[Provider]) -> tuple[str, ...]:
    """The region's accepted codes for which no parcel would find its provider, in the guide's order.

    One that stands for several providers is among them: between these nobody chooses by guess.
    """
    return tuple(
        code for code, name in ACCEPTED_CARRIERS[region].items() if len(_standing_for(code, name, providers)[1]) != 1
    )


def _standing_for(code: str, name: str, providers: Sequence[Provider]) -> tuple[str, list[Provider]]:
    """What a carrier is found by, its name or else its code, and the providers that are called so."""
    for wanted in (name, code):
        found = [provider for provider in providers if provider.name.strip().casefold() == wanted.casefold()]
        if found:
            return wanted, found
    return name, []
