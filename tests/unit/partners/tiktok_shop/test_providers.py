import pytest

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.partners.tiktok_shop.providers import Provider, codes_not_offered, provider_for

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


def all_of(region: Region) -> list[Provider]:
    """As TikTok offers them when it offers all, with another one between."""
    names = [*ACCEPTED_CARRIERS[region].values(), "Veho"]
    return [Provider(id=str(number), name=name) for number, name in enumerate(names)]


@pytest.mark.parametrize("region", Region)
def test_nothing_is_missing_where_every_accepted_carrier_is_offered(region: Region) -> None:
    assert codes_not_offered(region, all_of(region)) == ()


@pytest.mark.parametrize(
    ("region", "code", "name"),
    [(region, *carrier) for region in Region for carrier in ACCEPTED_CARRIERS[region].items()],
)
def test_a_code_without_its_provider_is_missing_and_no_other_is(region: Region, code: str, name: str) -> None:
    left = [provider for provider in all_of(region) if provider.name != name]
    assert codes_not_offered(region, left) == (code,)


@pytest.mark.parametrize("region", Region)
def test_all_codes_are_missing_where_nothing_is_offered_in_the_order_of_the_guide(region: Region) -> None:
    assert codes_not_offered(region, []) == tuple(ACCEPTED_CARRIERS[region])


@pytest.mark.parametrize("name", ["DHL", "dhl us", " DHL US "])
def test_a_code_is_offered_under_its_name_or_its_code_in_any_case(name: str) -> None:
    others = [provider for provider in all_of(Region.US) if provider.name != "DHL"]
    assert codes_not_offered(Region.US, [*others, Provider(id="99", name=name)]) == ()


@pytest.mark.parametrize("name", ["DHL eCommerce", "D H L", "DHL-US", ""])
def test_what_only_looks_like_a_code_is_not_it(name: str) -> None:
    others = [provider for provider in all_of(Region.US) if provider.name != "DHL"]
    assert codes_not_offered(Region.US, [*others, Provider(id="99", name=name)]) == ("dhl us",)


@pytest.mark.parametrize("region", Region)
@pytest.mark.parametrize("lost", ["first", "doubled"])
def test_a_code_is_missing_exactly_when_a_parcel_would_find_no_provider(region: Region, lost: str) -> None:
    every = all_of(region)
    providers = every[1:] if lost == "first" else [*every, Provider(id="99", name=every[0].name.upper())]
    missing = codes_not_offered(region, providers)
    assert len(missing) == 1
    for code, name in ACCEPTED_CARRIERS[region].items():
        if code in missing:
            with pytest.raises(RejectedError):
                provider_for(mapped(code, name), providers, delivery_option="Standard")
        else:
            assert provider_for(mapped(code, name), providers, delivery_option="Standard").name == name
