from typing import Any

import pytest

from order_sync.domain.errors import RejectedError, UnmappedCarrierError
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.parcels import Parcel
from order_sync.domain.shipping_mappings import MappedCarrier, Suggestion, find_mapping, map_carrier, suggest
from order_sync.domain.shop import ShopSettings
from tests.builders import LINE_1, NOON, a_shop


def a_parcel(carrier: str, shipping_class: str = "", *, in_tiktoks_words: bool = False) -> Parcel:
    return Parcel(
        id=ParcelId("oms-S1"),
        source=Source.OMS,
        in_tiktoks_words=in_tiktoks_words,
        carrier=carrier,
        shipping_class=shipping_class,
        tracking_number="T1",
        shipped_at=NOON,
        line_ids=(LINE_1,),
    )


def mapped_by(*rows: dict[str, Any], region: str = "US") -> ShopSettings:
    return a_shop(region=region, shipping_mappings=rows)


def test_an_exact_code_needs_no_mapping() -> None:
    assert map_carrier(a_shop(), a_parcel("dhl us", "Ground")) == MappedCarrier(
        code="dhl us", name="DHL", channeladvisor_carrier="DHL", channeladvisor_class="Ground"
    )


def test_a_row_maps_a_warehouse_s_words_for_both_sides() -> None:
    shop = mapped_by(
        {
            "carrier": "United States Postal Service",
            "code": "usps",
            "channeladvisor_carrier": "US Post",
            "channeladvisor_class": "PRIORITY",
        }
    )
    assert map_carrier(shop, a_parcel("United States Postal Service", "First")) == MappedCarrier(
        code="usps", name="USPS", channeladvisor_carrier="US Post", channeladvisor_class="PRIORITY"
    )


@pytest.mark.parametrize("rows", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("shipping_class", "code"), [("Express", "fedex"), ("Ground", "ups"), ("", "ups")])
def test_a_row_that_names_the_class_goes_before_one_for_every_class(
    rows: tuple[int, int], shipping_class: str, code: str
) -> None:
    both = ({"carrier": "Own", "code": "ups"}, {"carrier": "Own", "shipping_class": "Express", "code": "fedex"})
    assert map_carrier(mapped_by(*(both[row] for row in rows)), a_parcel("Own", shipping_class)).code == code


def test_a_row_for_another_class_maps_nothing() -> None:
    shop = mapped_by({"carrier": "Own", "shipping_class": "Express", "code": "ups"})
    with pytest.raises(RejectedError, match="'Own'"):
        map_carrier(shop, a_parcel("Own", "Ground"))


def test_a_row_can_send_an_accepted_code_elsewhere() -> None:
    assert map_carrier(mapped_by({"carrier": "usps", "code": "ups"}), a_parcel("usps")).code == "ups"


@pytest.mark.parametrize("carrier", ["USPS", "Usps", "usps ", "U.S.P.S.", "EVRi"])
def test_an_unknown_carrier_is_refused_with_carrier_region_and_nearest_code(carrier: str) -> None:
    with pytest.raises(UnmappedCarrierError) as refusal:
        map_carrier(a_shop(), a_parcel(carrier))
    text = str(refusal.value)
    assert f"carrier {carrier!r} is not accepted by TikTok Shop in US" in text
    assert "nearest accepted code is '" in text
    assert "add an outbound shipping mapping" in text


def test_a_code_of_another_region_is_refused() -> None:
    with pytest.raises(RejectedError, match="GB; nearest accepted code is 'Amazon Logistics'"):
        map_carrier(mapped_by(region="GB"), a_parcel("amazon logistics"))


def test_what_tiktok_itself_reports_is_accepted_as_it_stands() -> None:
    mapped = map_carrier(a_shop(), a_parcel("Veho", in_tiktoks_words=True))
    assert (mapped.code, mapped.name, mapped.channeladvisor_carrier) == ("Veho", "Veho", "Veho")


def test_a_parcel_without_a_carrier_is_refused_whoever_reports_it() -> None:
    """No mapping could stand for it, so that it waits for none."""
    for carrier in ("", " "):
        with pytest.raises(RejectedError, match="the parcel names no carrier") as refusal:
            map_carrier(a_shop(), a_parcel(carrier, in_tiktoks_words=True))
        assert not isinstance(refusal.value, UnmappedCarrierError)


@pytest.mark.parametrize(
    ("carrier", "meant", "code"),
    [
        ("USPS", "usps", "usps"),
        (" u s p s ", "usps", "usps"),
        ("DHL", "dhl us", "dhl us"),
        ("DHLUS", "dhl us", "dhl us"),
        ("deliver-it", "deliverit", "deliverit"),
        ("FEDEX HOME", "FedEx Home", "fedex"),
        ("U.S.P.S.", "", "usps"),
    ],
)
def test_another_case_or_other_spaces_are_suggested_and_never_used(carrier: str, meant: str, code: str) -> None:
    shop = mapped_by({"carrier": "FedEx Home", "code": "fedex"})
    suggestion = suggest(shop, carrier, "Ground")
    assert suggestion.meant == meant
    assert suggestion.code == code
    assert find_mapping(shop, carrier, "Ground") is None
    with pytest.raises(UnmappedCarrierError) as refusal:
        map_carrier(shop, a_parcel(carrier, "Ground"))
    assert (f"(did you mean {meant!r}?)" in str(refusal.value)) == bool(meant)


@pytest.mark.parametrize("rows", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("shipping_class", "meant", "code"),
    [("express", "Own, Express", "fedex"), ("Express", "Own, Express", "fedex"), ("Ground", "Own", "ups")],
)
def test_a_row_that_names_the_class_is_suggested_before_one_for_every_class(
    rows: tuple[int, int], shipping_class: str, meant: str, code: str
) -> None:
    both = ({"carrier": "Own", "code": "ups"}, {"carrier": "Own", "shipping_class": "Express", "code": "fedex"})
    shop = mapped_by(*(both[row] for row in rows))
    assert suggest(shop, "own", shipping_class) == Suggestion(code=code, meant=meant)


def test_a_row_of_one_class_is_suggested_for_that_class_in_another_case_only() -> None:
    shop = mapped_by({"carrier": "Own", "shipping_class": "Express", "code": "fedex"})
    assert suggest(shop, "Own", "express") == Suggestion(code="fedex", meant="Own, Express")
    assert suggest(shop, "Own", "Ground").meant == ""


def test_what_is_to_be_mapped_is_named_with_its_class() -> None:
    with pytest.raises(UnmappedCarrierError, match="add an outbound shipping mapping for it with class 'Overnight'"):
        map_carrier(a_shop(), a_parcel("Own", "Overnight"))


def test_words_stand_for_nothing_whoever_reports_them_until_they_are_mapped() -> None:
    """TikTok Shop's own words pass for TikTok Shop; a mapping of them is for ChannelAdvisor."""
    assert find_mapping(a_shop(), "Veho", "") is None
    assert find_mapping(a_shop(), "usps", "Any") == MappedCarrier(
        code="usps", name="USPS", channeladvisor_carrier="USPS", channeladvisor_class="Any"
    )
