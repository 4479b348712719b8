"""Reads a CSV export of listings. What is wrong is named by row and column, never by what stands there."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from order_sync.domain.listings.times import MOST_DAYS, ListedTimes, Listings

MOST_SKU_BYTES: Final = 100


class Column(StrEnum):
    """A column that we read."""

    SKU = "sku"
    HANDLING = "handling time"
    SHIPPING = "shipping time"


_HEADERS: Final = {
    "sku": Column.SKU,
    "seller sku": Column.SKU,
    "handling days": Column.HANDLING,
    "handling time": Column.HANDLING,
    "handling time (business days)": Column.HANDLING,
    "shipping days": Column.SHIPPING,
    "shipping time": Column.SHIPPING,
    "shipping time (business days)": Column.SHIPPING,
}
"""In any case, with underscores or spaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFile:
    """What a file says. One with problems says nothing."""

    times: Listings
    columns: frozenset[Column]
    columns_ignored: int
    problems: tuple[str, ...]
    """Such as "row 3, column 'handling_days': not a whole number". The header is row 1, as a spreadsheet counts."""


class _BadRowError(Exception):
    """A row that cannot be meant."""


def read_listing_file(text: str) -> ListingFile:
    """Read a file whole; a byte order mark, any line ends and empty rows are fine."""
    rows = _rows(text.removeprefix("\ufeff"))
    header = next(rows, None)
    if not isinstance(header, list):
        problem = header or "row 1: there is no header"
        return ListingFile(times={}, columns=frozenset(), columns_ignored=0, problems=(problem,))
    names = [_HEADERS.get(" ".join(name.casefold().replace("_", " ").split())) for name in header]
    known = frozenset(name for name in names if name)
    problems = list(_header_problems(names, known))
    times: dict[str, ListedTimes] = {}
    places: dict[str, int] = {}
    if not problems:
        for number, row in enumerate(rows, start=2):
            try:
                if sku_and_times := _read(number, row, header, names):
                    sku, listed = sku_and_times
                    first = places.setdefault(sku, number)
                    if times.setdefault(sku, listed) != listed:
                        place = _place(number, Column.SKU, header, names)
                        problems.append(f"{place}: the SKU of row {first}, with other times")
            except _BadRowError as error:
                problems.append(str(error))
    return ListingFile(
        times=times,
        columns=known,
        columns_ignored=names.count(None),
        problems=tuple(problems),
    )


def merged(before: Listings, file: ListingFile, *, replaces: bool) -> dict[str, ListedTimes]:
    """The table after a file. What the file does not name stays: a column, and other SKUs unless it replaces them."""
    after = {} if replaces else dict(before)
    for sku, listed in file.times.items():
        known = after.get(sku, ListedTimes())
        after[sku] = ListedTimes(
            handling_days=listed.handling_days if Column.HANDLING in file.columns else known.handling_days,
            shipping_days=listed.shipping_days if Column.SHIPPING in file.columns else known.shipping_days,
        )
    return after


def _rows(text: str) -> Iterator[list[str] | str]:
    """The rows one by one; words instead of a row whose quotes are broken, which is the last one then."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 1
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield f"row {number}: broken quotes, or a field that is too long"
            return
        number += 1


def _header_problems(names: Sequence[Column | None], known: frozenset[Column]) -> Iterator[str]:
    for column in Column:
        if names.count(column) > 1:
            yield f"row 1: more than one column of the {column}"
    if Column.SKU not in known:
        yield "row 1: no column of the sku ('seller sku' or 'sku')"
    if not known & {Column.HANDLING, Column.SHIPPING}:
        yield "row 1: no column of a time ('handling_days' or 'shipping_days')"


def _read(
    number: int, row: list[str] | str, header: list[str], names: Sequence[Column | None]
) -> tuple[str, ListedTimes] | None:
    """One row's SKU and times; None for an empty row. Raises _BadRowError."""
    if isinstance(row, str):
        raise _BadRowError(row)
    if not any(cell.strip() for cell in row):
        return None
    if len(row) != len(header):
        raise _BadRowError(f"row {number}: {len(row)} fields where the header has {len(header)}")
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=True) if name}
    sku = cells[Column.SKU]
    if problem := _sku_problem(sku):
        raise _BadRowError(f"{_place(number, Column.SKU, header, names)}: {problem}")
    days: dict[Column, int | None] = {}
    for column in (Column.HANDLING, Column.SHIPPING):
        found = _days(cells.get(column, ""))
        if isinstance(found, str):
            raise _BadRowError(f"{_place(number, column, header, names)}: {found}")
        days[column] = found
    if not any(each is not None for each in days.values()):
        raise _BadRowError(f"row {number}: neither a handling time nor a shipping time")
    return sku, ListedTimes(handling_days=days[Column.HANDLING], shipping_days=days[Column.SHIPPING])


def _place(number: int, column: Column, header: list[str], names: Sequence[Column | None]) -> str:
    """A column under the name that it has in the file."""
    return f"row {number}, column {header[names.index(column)].strip()!r}"


def _sku_problem(sku: str) -> str:
    if not sku:
        return "no SKU"
    if not sku.isprintable():
        return "a SKU with signs that cannot be printed"
    return "" if len(sku.encode()) <= MOST_SKU_BYTES else f"a SKU of more than {MOST_SKU_BYTES} bytes"


def _days(cell: str) -> int | str | None:
    """A number of days, None for an empty cell, or what is wrong."""
    if not cell:
        return None
    digits = cell.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return "not a whole number"
    if cell != digits:
        return "negative"
    # The length first: a number of thousands of digits is no int for Python.
    digits = digits.lstrip("0") or "0"
    too_many = len(digits) > len(str(MOST_DAYS)) or int(digits) > MOST_DAYS
    return f"more than {MOST_DAYS} days" if too_many else int(digits)
