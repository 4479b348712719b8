"""Lambda: add carrier mappings of a shop, and list the parcels that wait for one. Invoked by an operator."""

from order_sync.bootstrap import runs
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.jobs.carrier_mappings import map_carriers
from order_sync.jobs.run import Report


@reporting
def lambda_handler(event: Event, context: Context, report: Report) -> Report:
    """Event: {"shop"} lists; "add": rows as in the shop's settings; "remove": rows by "carrier", "shipping_class"."""
    return map_carriers(runs.shop_run(event, context, report), event)
