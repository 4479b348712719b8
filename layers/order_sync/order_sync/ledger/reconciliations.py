"""What the last comparison of a shop with its partners found, as one item: ids, no buyer data."""

from pydantic import TypeAdapter, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ShopId
from order_sync.domain.reconciling.summaries import Summary
from order_sync.ledger import keys
from order_sync.ledger.table import Put, Table

_SUMMARY = TypeAdapter(Summary)


def read_summary(table: Table, shop: ShopId) -> Summary:
    """The last one; an empty one before the first. Raises RejectedError when somebody has damaged it."""
    item = table.get(keys.reconciliation_key(shop))
    if item is None:
        return Summary()
    try:
        return _SUMMARY.validate_json(str(item["summary"]))
    except ValidationError:
        raise RejectedError(f"the summary of the comparisons of shop {shop} cannot be read") from None


def put_summary(table: Table, shop: ShopId, summary: Summary) -> None:
    """Keep it in place of the last one. The number for people stands beside it, for those who only count."""
    pk, sk = keys.reconciliation_key(shop)
    text = _SUMMARY.dump_json(summary).decode()
    table.put(Put(item={"pk": pk, "sk": sk, "for_people": summary.for_people, "summary": text}))


def count_differences(table: Table, shop: ShopId) -> int:
    """How many differences a person must look at, after the last comparison."""
    item = table.get(keys.reconciliation_key(shop))
    return int(item.get("for_people", 0)) if item else 0
