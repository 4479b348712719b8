import pytest

from order_sync.domain.errors import RejectedError
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.partners.tiktok_shop.providers import Provider, provider_for

USPS = Provider(id="1", name="USPS")
DHL = Provider(id="2", name="DHL US")
GLS = Provider(id="3", name="GLS US")


def mapped(code: str, name: str) -> MappedCarrier:
    return MappedCarrier(code=code, name=name, channeladvisor_carrier=name, channeladvisor_class="")


def test_a_provider_is_found_by_the_carriers_name_in_any_case() -> None:
    assert provider_for(mapped("usps", "Usps"), [GLS, USPS], delivery_option="Standard") == USPS


def test_a_provider_is_found_by_the_accepted_code_when_no_name_fits() -> None:
    assert provider_for(mapped("dhl us", "DHL"), [USPS, DHL], delivery_option="Standard") == DHL


def test_a_carrier_that_is_not_offered_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RejectedError, match=r"'GLS'.*'gls'.*'Standard'.*nearest is 'GLS US'"):
        provider_for(mapped("gls", "GLS"), [USPS, GLS], delivery_option="Standard")


def test_no_provider_at_all_is_said() -> None:
    with pytest.raises(RejectedError, match="none at all"):
        provider_for(mapped("usps", "USPS"), [], delivery_option="Standard")


def test_two_providers_of_one_name_are_not_guessed_between() -> None:
    with pytest.raises(RejectedError, match="2 shipping providers"):
        provider_for(mapped("usps", "USPS"), [USPS, Provider(id="9", name="usps")], delivery_option="Standard")
