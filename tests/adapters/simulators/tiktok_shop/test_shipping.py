import httpx
import pytest

from local.simulators.tiktok_shop import Doubts, LineSpec, RefusalError, Status, TikTokShopSimulator
from local.simulators.tiktok_shop.providers import UK, US
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
NUMBER = "9400110898825022579493"


def provider(region: str, name: str) -> str:
    return TikTokShopSimulator.provider_id(region, name)


def test_marking_the_whole_order_as_shipped(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, clock: Clock
) -> None:
    clock.pass_time(minutes=5)
    reply = caller.ship(ready_order).json()
    assert (reply["code"], "warning" in reply["data"]) == (0, False)
    assert reply["data"]["order_line_item_ids"] == simulator.line_ids(ready_order)
    order = caller.order(ready_order)
    assert (order["status"], order["rts_time"], order["update_time"]) == (
        "AWAITING_COLLECTION",
        clock.seconds,
        clock.seconds,
    )
    assert (order["tracking_number"], order["shipping_provider"]) == (NUMBER, "USPS")
    assert order["packages"] == [{"id": reply["data"]["package_id"]}]
    assert {line["display_status"] for line in order["line_items"]} == {"AWAITING_COLLECTION"}
    assert {line["package_id"] for line in order["line_items"]} == {reply["data"]["package_id"]}


def test_an_order_is_partially_shipping_until_every_line_is_packed(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    assert caller.ship_code(ready_order, order_line_item_ids=[first]) == 0
    order = caller.order(ready_order)
    assert (order["status"], "rts_time" in order) == ("PARTIALLY_SHIPPING", False)
    lines = {line["id"]: line["display_status"] for line in order["line_items"]}
    assert lines == {first: "AWAITING_COLLECTION", second: "AWAITING_SHIPMENT", third: "AWAITING_SHIPMENT"}
    assert caller.ship_code(ready_order, tracking_number="1Z999AA10123456784") == 0
    order = caller.order(ready_order)
    assert (order["status"], order["split_or_combine_tag"]) == ("AWAITING_COLLECTION", "SPLIT")
    assert [set(s.line_ids) for s in simulator.books.shipments_of(ready_order)] == [{first}, {second, third}]


def test_lines_may_be_named_in_an_order_line_list(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    line = simulator.line_ids(ready_order)[2]
    reply = caller.ship(ready_order, order_line_list=[{"order_line_id": line}]).json()
    assert reply["data"]["order_line_item_ids"] == [line]


def test_shipping_twice_is_refused_and_written_down(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first = simulator.line_ids(ready_order)[0]
    caller.ship(ready_order, order_line_item_ids=[first])
    assert caller.ship_code(ready_order, order_line_item_ids=[first], tracking_number="OTHER-1") == 21008099
    caller.ship(ready_order, tracking_number="OTHER-2")
    assert caller.ship_code(ready_order, tracking_number="OTHER-3") == 21011020
    assert [refused.code for refused in simulator.books.double_ship_attempts] == [21008099, 21011020]
    assert len(simulator.books.shipments_of(ready_order)) == 2


def test_an_order_on_hold_is_refused_with_21011044(simulator: TikTokShopSimulator, caller: Caller) -> None:
    order_id = simulator.place_order(caller.shop, TEE)
    assert caller.ship_code(order_id) == 21011044
    assert simulator.status(order_id) is Status.ON_HOLD
    assert [refused.code for refused in simulator.books.refused_shipments] == [21011044]
    assert simulator.books.double_ship_attempts == []


def test_an_unpaid_order_is_refused_with_21042057(simulator: TikTokShopSimulator, caller: Caller) -> None:
    assert caller.ship_code(simulator.place_order(caller.shop, TEE, paid=False)) == 21042057


def test_a_cancelled_order_is_refused_with_21011041(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.cancel_by_seller(ready_order)
    assert caller.ship_code(ready_order) == 21011041


def test_shipping_in_the_us_rejects_a_pending_request(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.request_cancel(ready_order)
    assert caller.ship_code(ready_order) == 0
    order = caller.order(ready_order)
    assert (order["status"], order["is_buyer_request_cancel"]) == ("AWAITING_COLLECTION", False)


def test_shipping_elsewhere_is_refused_while_a_request_is_pending(
    simulator: TikTokShopSimulator, uk_caller: Caller
) -> None:
    order_id = simulator.place_order(uk_caller.shop, TEE, hold=False)
    simulator.request_cancel(order_id)
    royal_mail = provider("GB", "Royal Mail")
    assert uk_caller.ship_code(order_id, shipping_provider_id=royal_mail, tracking_number="AB123456789GB") == 21011007
    assert uk_caller.order(order_id)["is_buyer_request_cancel"] is True


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ({"shipping_provider_id": "1"}, 21011022),
        ({"shipping_provider_id": "6965462095427526401"}, 21011022),
        ({"tracking_number": "123"}, 21011022),
        ({"tracking_number": "1" * 51}, 21011022),
        ({"tracking_number": "9400 1108"}, 21004012),
        ({"tracking_number": "9400#1108"}, 21004012),
        ({"tracking_number": None}, 36009004),
        ({"tracking_number": ""}, 36009004),
        ({"shipping_provider_id": None}, 36009004),
        ({"shipping_provider_id": 7117858858072016686}, 36009004),
        ({"carrier": "usps"}, 36009004),
        ({"order_line_item_ids": ["1"]}, 21011029),
        ({"order_line_item_ids": []}, 21001001),
        ({"order_line_item_ids": "1"}, 36009004),
        ({"order_line_item_ids": [1]}, 36009004),
    ],
)
def test_a_bad_shipment_is_refused_and_leaves_the_order_alone(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, spoiled: dict[str, object], code: int
) -> None:
    assert caller.ship_code(ready_order, **spoiled) == code
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT
    assert simulator.books.shipments == []


def test_a_line_named_twice_is_refused(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    line = simulator.line_ids(ready_order)[0]
    assert caller.ship_code(ready_order, order_line_item_ids=[line, line]) == 21001001


@pytest.mark.parametrize("length", [4, 50])
def test_tracking_numbers_of_4_to_50_characters_are_taken(caller: Caller, ready_order: str, length: int) -> None:
    assert caller.ship_code(ready_order, tracking_number=("A-_./9" * 9)[:length]) == 0


def test_an_unknown_order_is_refused_with_21011001(caller: Caller) -> None:
    assert caller.ship_code("576461413038785752") == 21011001


def test_an_order_of_another_shop_is_refused_with_21011028(uk_caller: Caller, ready_order: str) -> None:
    assert uk_caller.ship_code(ready_order) == 21011028


def test_an_order_fulfilled_by_tiktok_is_refused_with_21008025(simulator: TikTokShopSimulator, caller: Caller) -> None:
    order_id = simulator.place_order(caller.shop, TEE, hold=False, fulfilled_by_tiktok=True)
    assert caller.ship_code(order_id) == 21008025


def test_an_order_that_the_seller_does_not_ship_is_refused_with_21011004(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    order_id = simulator.place_order(caller.shop, TEE, hold=False, shipped_by_tiktok=True)
    assert caller.ship_code(order_id) == 21011004
    simulator.ship_by_tiktok(order_id, "TT0000000001")
    assert simulator.status(order_id) is Status.AWAITING_COLLECTION


def test_several_shippable_packages_need_lines(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, third = simulator.line_ids(ready_order)
    simulator.split_in_seller_center(ready_order, [[first, second], [third]])
    assert caller.ship_code(ready_order) == 21011048
    assert caller.ship_code(ready_order, order_line_item_ids=[first, second]) == 0
    assert caller.ship_code(ready_order, tracking_number="OTHER-1") == 0
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION


def test_a_tracking_number_serves_one_order_once(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, second, _ = simulator.line_ids(ready_order)
    assert caller.ship_code(ready_order, order_line_item_ids=[first]) == 0
    assert caller.ship_code(ready_order, order_line_item_ids=[second]) == 21011025


def test_a_tracking_number_is_shared_by_orders_of_one_recipient_only(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    buyer = simulator.new_buyer(caller.shop)
    orders = [simulator.place_order(caller.shop, TEE, hold=False, buyer=buyer) for _ in range(21)]
    stranger = simulator.place_order(caller.shop, TEE, hold=False)
    assert [caller.ship_code(order_id) for order_id in orders[:20]] == [0] * 20
    assert caller.ship_code(stranger) == 21034012
    assert caller.ship_code(orders[20]) == 21011026


def test_a_warning_comes_with_an_accepted_shipment(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.warn_next_shipment("Did you mean to select UPS?")
    line, other, _ = simulator.line_ids(ready_order)
    reply = caller.ship(ready_order, order_line_item_ids=[line]).json()
    assert (reply["code"], reply["data"]["warning"]) == (0, {"message": "Did you mean to select UPS?"})
    again = caller.ship(ready_order, order_line_item_ids=[other], tracking_number="OTHER-1").json()
    assert "warning" not in again["data"]


def test_a_scripted_refusal_takes_no_effect(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    simulator.refuse_next("/packages", 11001027, times=2)
    assert [caller.ship_code(ready_order) for _ in range(3)] == [11001027, 11001027, 0]


def test_the_doubts_about_shipping_are_switches(clock: Clock) -> None:
    doubts = Doubts(
        already_shipped_code=21042056,
        business_error_status=400,
        same_sku_may_be_split=False,
        us_shipment_rejects_request=False,
        cancelled_code=21011042,
    )
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
    shop = simulator.open_shop("US", "Demo US")
    token = simulator.authorize(shop).access_token
    order_id = simulator.place_order(shop, [LineSpec("TEE", "20.00", 2)], hold=False)
    cancelled = simulator.place_order(shop, TEE, hold=False)
    simulator.cancel_by_platform(cancelled)
    simulator.request_cancel(order_id)
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        caller = Caller(client=client, clock=clock, shop=shop, token=token)
        part = caller.ship(order_id, order_line_item_ids=simulator.line_ids(order_id)[:1])
        assert (part.status_code, part.json()["code"]) == (400, 21011036)
        assert caller.ship_code(order_id) == 0
        assert caller.order(order_id)["is_buyer_request_cancel"] is True
        assert caller.ship_code(order_id) == 21042056
        assert caller.ship_code(cancelled) == 21011042


def test_shipping_by_hand_in_seller_center_shows_on_the_order(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    line = simulator.line_ids(ready_order)[0]
    package_id = simulator.ship_in_seller_center(ready_order, NUMBER, "UPS", [line])
    assert caller.order(ready_order)["packages"] == [{"id": package_id}]
    assert [shipment.by for shipment in simulator.books.shipments] == ["seller_center"]
    with pytest.raises(RefusalError, match="21008099"):
        simulator.ship_in_seller_center(ready_order, "OTHER-1", "UPS", [line])


def test_scans_move_the_order_only_when_every_package_has_one(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, clock: Clock
) -> None:
    first, *rest = simulator.line_ids(ready_order)
    one = simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [first])
    simulator.collect(one)
    assert simulator.status(ready_order) is Status.PARTIALLY_SHIPPING
    two = simulator.ship_in_seller_center(ready_order, "SECOND-1", "UPS", rest)
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION
    simulator.deliver(one)
    clock.pass_time(hours=2)
    simulator.collect(two)
    order = caller.order(ready_order)
    assert (order["status"], order["collection_time"]) == ("IN_TRANSIT", clock.seconds)
    assert [line["display_status"] for line in order["line_items"]] == ["DELIVERED", "IN_TRANSIT", "IN_TRANSIT"]
    clock.pass_time(hours=2)
    simulator.deliver(ready_order)
    order = caller.order(ready_order)
    assert (order["status"], order["delivery_time"]) == ("DELIVERED", clock.seconds)
    simulator.complete(ready_order)
    assert caller.order(ready_order)["status"] == "COMPLETED"


def test_the_providers_of_a_delivery_option_are_the_guide_s(caller: Caller, uk_caller: Caller) -> None:
    def names(of: Caller) -> set[str]:
        option = of.shop.option(shipped_by_tiktok=False).id
        path = f"/logistics/202309/delivery_options/{option}/shipping_providers"
        return {each["name"] for each in of.data("GET", path)["shipping_providers"]}

    assert (len(US), len(UK)) == (15, 18)
    assert US["7117858858072016686"].name == "USPS"
    assert names(caller) == {each.name for each in US.values()}
    assert names(uk_caller) == {each.name for each in UK.values()}
    assert provider("US", "Amazon Logistics") != provider("GB", "Amazon Logistics")


def test_a_delivery_option_can_lack_a_carrier(simulator: TikTokShopSimulator, caller: Caller) -> None:
    option = simulator.add_delivery_option(caller.shop, "Express", lacks=["Wizmo"])
    path = f"/logistics/202309/delivery_options/{option.id}/shipping_providers"
    names = {each["name"] for each in caller.data("GET", path)["shipping_providers"]}
    assert names == {each.name for each in US.values()} - {"Wizmo"}
    order_id = simulator.place_order(caller.shop, TEE, hold=False, delivery_option=option)
    assert caller.ship_code(order_id, shipping_provider_id=provider("US", "Wizmo")) == 21011022
    assert caller.ship_code(order_id, shipping_provider_id=provider("US", "USPS")) == 0


def test_a_tiktok_delivery_option_has_no_providers(caller: Caller) -> None:
    option = caller.shop.option(shipped_by_tiktok=True).id
    path = "/logistics/202309/delivery_options/{}/shipping_providers"
    assert caller.code("GET", path.format(option)) == 21008117
    assert caller.code("GET", path.format("1")) == 21008116
