"""What people read after a comparison, and what its function answers."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from order_sync.domain.deadlines.reports import plural
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.reconciling.differences import Difference
from order_sync.domain.reconciling.summaries import Summary
from order_sync.jobs.notices import Publish
from order_sync.jobs.run import ShopRun

MOST_ANSWERED: Final = 100
MOST_NAMED: Final = 50


def tell_differences(run: ShopRun, summary: Summary, publish: Publish) -> None:
    """Answer with the summary; publish it where a person must look. The next comparison tells again what is left."""
    run.report.answer |= answer(summary)
    if not summary.for_people:
        return
    shop, number = run.shop, summary.for_people
    try:
        publish(f"{shop.name}: {plural(number, 'difference')} to look at", "\n".join(_lines(run, summary)))
    except (RetriableError, RejectedError) as error:
        run.report.problem("summaries_not_published", str(error))


def answer(summary: Summary) -> dict[str, Any]:
    """The summary as JSON: how each side stands, and the first differences with their explanation."""
    return {
        "differences_for_people": summary.for_people,
        "sides": {
            side.lower(): {
                "compared_at": each.ended_at.isoformat() if each.ended_at else None,
                "goes_on": bool(each.place),
                "for_people": each.for_people,
                "repaired": each.repaired,
                "trouble": each.trouble,
            }
            for side, each in summary.sides.items()
        },
        "differences": [_row(each) for each in summary.differences[:MOST_ANSWERED]],
    }


def _row(difference: Difference) -> dict[str, Any]:
    return {
        "side": difference.side.lower(),
        "order": difference.order,
        "kind": difference.kind.lower(),
        "since": difference.since.isoformat() if difference.since else None,
        "repair": difference.repair.lower() if difference.repair else None,
        "explanation": difference.explanation,
    }


def _lines(run: ShopRun, summary: Summary) -> Iterator[str]:
    shop = run.shop
    yield f"Shop {shop.name} ({shop.shop}), times in {shop.time_zone}"
    wanted = [each for each in summary.differences if each.repair is None]
    by_side = Counter(each.side for each in wanted)
    yield ", ".join(f"{side.lower()} {number}" for side, number in by_side.items())
    for each in wanted[:MOST_NAMED]:
        since = f", since {each.since.astimezone(shop.zone):%a %d %b %H:%M}" if each.since else ""
        yield f"  {f'order {each.order}' if each.order else 'all orders'}{since}: {each.explanation}"
    if summary.for_people > min(len(wanted), MOST_NAMED):
        yield f"  and {summary.for_people - min(len(wanted), MOST_NAMED)} more"
