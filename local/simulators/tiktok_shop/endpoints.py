"""The endpoints of the API host: who may call them, with which parameters, and what answers."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.routing import Map, Rule

from local.simulators.tiktok_shop.calls import Call, Json
from local.simulators.tiktok_shop.cancel_search import search_cancellations
from local.simulators.tiktok_shop.correcting import update_package_shipping_info, update_shipping_info
from local.simulators.tiktok_shop.decision_calls import approve_cancellation, reject_cancellation
from local.simulators.tiktok_shop.eligibility_calls import aftersale_eligibility, decision_eligibility, reject_reasons
from local.simulators.tiktok_shop.logistics_calls import delivery_options, shipping_providers, warehouses
from local.simulators.tiktok_shop.packages import package_detail, search_packages
from local.simulators.tiktok_shop.reference_calls import add_references, references_of_order, search_by_reference
from local.simulators.tiktok_shop.return_decision_calls import approve_return, reject_return
from local.simulators.tiktok_shop.return_search import search_returns
from local.simulators.tiktok_shop.search import order_detail, search_orders
from local.simulators.tiktok_shop.seller_cancel_calls import cancel_order
from local.simulators.tiktok_shop.seller_return_calls import create_return
from local.simulators.tiktok_shop.shipping import mark_package_as_shipped
from local.simulators.tiktok_shop.splitting import split_attributes
from local.simulators.tiktok_shop.tokens import FULFILLMENT, LOGISTICS, ORDERS, RETURN_REFUND, SHOPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`of_one_shop`: takes a shop_cipher; others refuse one. `query` are its own parameters.

    `takes_body` false: a POST whose body may be left out.
    """

    method: str
    path: str
    answer: Callable[[Call], Json]
    scope: str
    of_one_shop: bool = True
    query: frozenset[str] = frozenset()
    takes_body: bool = True


def authorised_shops(call: Call) -> Json:
    """GET /authorization/202309/shops (TT 7)."""
    return {
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "region": shop.region.code,
                "seller_type": shop.seller_type,
                "cipher": shop.cipher,
                "code": shop.code,
            }
            for shop in call.shops
        ]
    }


RETURN_VERSIONS = ("202309", "202602")
PAGING = frozenset({"page_size", "page_token", "sort_field", "sort_order"})

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/authorization/202309/shops",
        answer=authorised_shops,
        scope=SHOPS,
        of_one_shop=False,
    ),
    Endpoint(method="POST", path="/order/202309/orders/search", answer=search_orders, scope=ORDERS, query=PAGING),
    Endpoint(
        method="GET",
        path="/order/202309/orders",
        answer=order_detail,
        scope=ORDERS,
        query=frozenset({"ids"}),
    ),
    Endpoint(
        method="GET",
        path="/order/202507/orders",
        answer=order_detail,
        scope=ORDERS,
        query=frozenset({"ids"}),
    ),
    Endpoint(method="POST", path="/order/202406/orders/external_orders", answer=add_references, scope=ORDERS),
    Endpoint(
        method="GET",
        path="/order/202406/orders/<order_id>/external_orders",
        answer=references_of_order,
        scope=ORDERS,
        query=frozenset({"platform"}),
    ),
    Endpoint(
        method="POST",
        path="/order/202406/orders/external_order_search",
        answer=search_by_reference,
        scope=ORDERS,
        query=frozenset({"platform", "external_order_id"}),
        takes_body=False,
    ),
    Endpoint(
        method="POST",
        path="/fulfillment/202309/orders/<order_id>/packages",
        answer=mark_package_as_shipped,
        scope=FULFILLMENT,
    ),
    Endpoint(
        method="POST",
        path="/fulfillment/202309/orders/<order_id>/shipping_info/update",
        answer=update_shipping_info,
        scope=FULFILLMENT,
    ),
    Endpoint(
        method="POST",
        path="/fulfillment/202309/packages/<package_id>/shipping_info/update",
        answer=update_package_shipping_info,
        scope=FULFILLMENT,
    ),
    Endpoint(
        method="GET",
        path="/fulfillment/202309/orders/split_attributes",
        answer=split_attributes,
        scope=FULFILLMENT,
        query=frozenset({"order_ids"}),
    ),
    Endpoint(
        method="POST",
        path="/fulfillment/202309/packages/search",
        answer=search_packages,
        scope=FULFILLMENT,
        query=PAGING,
    ),
    Endpoint(
        method="GET",
        path="/fulfillment/202309/packages/<package_id>",
        answer=package_detail,
        scope=FULFILLMENT,
    ),
    Endpoint(method="GET", path="/logistics/202309/warehouses", answer=warehouses, scope=LOGISTICS),
    Endpoint(
        method="GET",
        path="/logistics/202309/warehouses/<warehouse_id>/delivery_options",
        answer=delivery_options,
        scope=LOGISTICS,
        query=frozenset({"scope"}),
    ),
    Endpoint(
        method="GET",
        path="/logistics/202309/delivery_options/<delivery_option_id>/shipping_providers",
        answer=shipping_providers,
        scope=LOGISTICS,
        query=frozenset({"warehouse_region", "buyer_region"}),
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/cancellations",
        answer=cancel_order,
        scope=RETURN_REFUND,
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/cancellations/search",
        answer=search_cancellations,
        scope=RETURN_REFUND,
        query=PAGING,
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/cancellations/<cancel_id>/approve",
        answer=approve_cancellation,
        scope=RETURN_REFUND,
        query=frozenset({"idempotency_key"}),
        takes_body=False,
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/cancellations/<cancel_id>/reject",
        answer=reject_cancellation,
        scope=RETURN_REFUND,
        query=frozenset({"idempotency_key"}),
    ),
    *(
        Endpoint(
            method="POST",
            path=f"/return_refund/{version}/returns/search",
            answer=search_returns,
            scope=RETURN_REFUND,
            query=PAGING,
        )
        for version in RETURN_VERSIONS
    ),
    *(
        Endpoint(
            method="POST",
            path=f"/return_refund/{version}/returns",
            answer=create_return,
            scope=RETURN_REFUND,
            query=frozenset({"idempotency_key"}),
        )
        for version in RETURN_VERSIONS
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/returns/<return_id>/approve",
        answer=approve_return,
        scope=RETURN_REFUND,
        query=frozenset({"idempotency_key"}),
    ),
    Endpoint(
        method="POST",
        path="/return_refund/202309/returns/<return_id>/reject",
        answer=reject_return,
        scope=RETURN_REFUND,
        query=frozenset({"idempotency_key"}),
    ),
    Endpoint(
        method="GET",
        path="/return_refund/202309/reject_reasons",
        answer=reject_reasons,
        scope=RETURN_REFUND,
        query=frozenset({"return_or_cancel_id", "locale"}),
    ),
    Endpoint(
        method="GET",
        path="/return_refund/202601/decision_eligibility",
        answer=decision_eligibility,
        scope=RETURN_REFUND,
        query=frozenset({"return_or_cancel_id", "check_decisions", "locale"}),
    ),
    Endpoint(
        method="GET",
        path="/return_refund/202602/orders/<order_id>/aftersale_eligibility",
        answer=aftersale_eligibility,
        scope=RETURN_REFUND,
        query=frozenset({"initiate_aftersale_user", "request_types"}),
    ),
)
TOKEN_GET, TOKEN_REFRESH = "/api/v2/token/get", "/api/v2/token/refresh"

ROUTES = Map(
    [
        *(Rule(each.path, methods=[each.method], endpoint=each) for each in ENDPOINTS),
        Rule(TOKEN_GET, methods=["GET"], endpoint=TOKEN_GET),
        Rule(TOKEN_REFRESH, methods=["GET"], endpoint=TOKEN_REFRESH),
    ],
    merge_slashes=False,
    strict_slashes=True,
)
