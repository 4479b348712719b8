"""Load the handling and shipping times of a shop's SKUs from a CSV export of Seller Center (G5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.domain.listings.files import ListingFile, merged, read_listing_file
from order_sync.domain.listings.times import Listings
from order_sync.domain.shop import LoadedListings, ShopSettings
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.listings import ListingTables, digest_of, listing_writes
from order_sync.ledger.table import Write

MOST_BYTES: Final = 4_000_000
"""Lambda takes an event of six million, in which a quote or a line end of the file is two."""
PROBLEMS_NAMED: Final = 10


class _Command(BaseModel):
    """What an operator may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    shop: str
    csv: StrictStr
    replace: StrictBool = False
    """Whether SKUs that the file does not name are dropped."""


def load_listings(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Take over what a file says of its SKUs; open orders are counted anew by the next watch of the deadlines.

    Raises RejectedError that names each bad row by its number and column, and then nothing is changed. The whole
    table is written in one transaction with the mark in the shop's settings, or not at all.
    """
    wanted = _read(command)
    file = _read_file(run, wanted)
    known: Listings = {}
    after: Listings = {}

    def decide(shop: ShopSettings) -> tuple[LoadedListings | None, Sequence[Write]]:
        nonlocal known, after
        stored = ListingTables(run.ledger.table).whole(shop.shop)
        if stored.damaged and not wanted.replace:
            first = next(iter(stored.damaged.values()))
            raise RejectedError(f'load_listings: {first}; load the whole table, with "replace": true') from first
        # What lies there without a mark is no table.
        known = stored.times if shop.listings else {}
        after = merged(known, file, replaces=wanted.replace)
        mark = LoadedListings(digest=digest_of(after), loaded_at=run.now(), skus=len(after)) if after else None
        return mark, listing_writes(shop.shop, stored, after)

    run.shops.change_listings(run.shop.shop, decide)
    _count(run, known, after)
    run.report.count("columns_ignored", file.columns_ignored)
    run.report.answer["skus"] = len(after)
    return run.report


def _count(run: ShopRun, known: Listings, after: Listings) -> None:
    run.report.count("skus_added", len(after.keys() - known.keys()))
    run.report.count("skus_dropped", len(known.keys() - after.keys()))
    run.report.count("skus_changed", sum(times != known[sku] for sku, times in after.items() if sku in known))


def _read(command: Mapping[str, Any]) -> _Command:
    try:
        wanted = _Command.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RejectedError(f"load_listings: {problems}") from None
    size = len(wanted.csv.encode(errors="surrogatepass"))
    if size > MOST_BYTES:
        raise RejectedError(
            f"load_listings: the file has {size} bytes, and at most {MOST_BYTES} can be taken: "
            "leave out other columns, or load it in parts without replace"
        )
    return wanted


def _read_file(run: ShopRun, wanted: _Command) -> ListingFile:
    file = read_listing_file(wanted.csv)
    problems = list(file.problems)
    if not problems and not file.times and not wanted.replace:
        problems.append("no row names a SKU")
    if problems:
        run.report.count("bad_rows", len(problems))
        more = len(problems) - PROBLEMS_NAMED
        named = [*problems[:PROBLEMS_NAMED], *([f"and {more} more"] if more > 0 else [])]
        raise RejectedError(f"load_listings: {'; '.join(named)}. Nothing was changed")
    return file
