import pytest

from order_sync.domain.carriers import ACCEPTED_CARRIERS, nearest_code
from order_sync.domain.regions import Region

# As the guide prints them: carrier name > code.
US = """
USPS > usps
UPS > ups
FedEx > fedex
DHL > dhl us
Amazon Logistics > amazon logistics
AxleHire > axlehire
Better Trucks > better trucks
Deliver-it > deliverit
GLS US > gls us
Lasership > lasership
Lone Star Overnight > lone star overnight
Ontrac > ontrac
Spee-Dee Delivery > spee-dee delivery
TForce > tforce
Wizmo > wizmo
"""
GB = """
EVRi > EVRi
FedEx UK > FedEx UK
DHL UK > DHL UK
Yodel UK > Yodel UK
UK Mail > UK Mail
Parcel2Go > Parcel2Go
DPD UK > DPD UK
DX Delivery > DX Delivery
UPS UK > UPS UK
Royal Mail > Royal Mail
Parcel Force > Parcel Force
Arrow XL > Arrow XL
APC Overnight > APC Overnight
Panther UK > Panther UK
Amazon Logistics > Amazon Logistics
DHLExpress > DHLExpress
Fastway Ireland > Fastway Ireland
AO Logistics > AO Logistics
"""
ACCEPTED = [
    (region, *line.split(" > "))
    for region, table in ((Region.US, US), (Region.GB, GB))
    for line in table.strip().splitlines()
]


@pytest.mark.parametrize(("region", "name", "code"), ACCEPTED)
def test_a_carrier_of_the_guide_is_accepted_as_it_is_printed(region: Region, name: str, code: str) -> None:
    assert ACCEPTED_CARRIERS[region][code] == name


@pytest.mark.parametrize(("region", "number"), [(Region.US, 15), (Region.GB, 18)])
def test_no_carrier_is_accepted_that_the_guide_does_not_print(region: Region, number: int) -> None:
    assert len(ACCEPTED_CARRIERS[region]) == number
    assert set(ACCEPTED_CARRIERS[region]) == {code for where, _, code in ACCEPTED if where is region}


def test_every_region_has_its_carriers() -> None:
    assert set(ACCEPTED_CARRIERS) == set(Region)


@pytest.mark.parametrize(
    ("region", "text", "code"),
    [
        (Region.US, "USPS", "usps"),
        (Region.US, " usps ", "usps"),
        (Region.US, "FedEx Ground", "fedex"),
        (Region.US, "DHL", "dhl us"),
        (Region.US, "OnTrack", "ontrac"),
        (Region.US, "Spee Dee", "spee-dee delivery"),
        (Region.GB, "evri", "EVRi"),
        (Region.GB, "royalmail", "Royal Mail"),
        (Region.GB, "DHL Express", "DHLExpress"),
    ],
)
def test_a_near_miss_is_met_with_the_code_that_was_meant(region: Region, text: str, code: str) -> None:
    assert nearest_code(region, text) == code


@pytest.mark.parametrize("text", ["", "???", "x" * 200])
@pytest.mark.parametrize("region", list(Region))
def test_there_is_a_suggestion_for_every_text(region: Region, text: str) -> None:
    assert nearest_code(region, text) in ACCEPTED_CARRIERS[region]
