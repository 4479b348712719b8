"""From an accepted carrier to the shipping provider that TikTok offers for a delivery option (G4, TT 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from order_sync.domain.errors import RejectedError
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
    for wanted in (mapped.name, mapped.code):
        found = [provider for provider in providers if provider.name.strip().casefold() == wanted.casefold()]
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
