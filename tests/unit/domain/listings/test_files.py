"""A CSV export of listings: what can be read is taken over, what cannot be meant is named by row and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_sync.domain.listings.files import ListingFile, merged, read_listing_file
from order_sync.domain.listings.times import ListedTimes

HEADER = "sku,handling_days,shipping_days\n"
DAYS = st.none() | st.integers(0, 365)
LISTED = st.builds(ListedTimes, handling_days=DAYS, shipping_days=DAYS).filter(lambda times: times != ListedTimes())
SKUS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20)


def listed(handling: int | None = None, shipping: int | None = None) -> ListedTimes:
    return ListedTimes(handling_days=handling, shipping_days=shipping)


def read(text: str) -> ListingFile:
    """A file without problems."""
    file = read_listing_file(text)
    assert file.problems == ()
    return file


def problems(rows: str, header: str = HEADER) -> tuple[str, ...]:
    return read_listing_file(header + rows).problems


def test_each_row_gives_a_sku_its_times() -> None:
    file = read(HEADER + "TEE-BLU-M,2,4\nMUG-RED,10,1\n")
    assert file.times == {"TEE-BLU-M": listed(2, 4), "MUG-RED": listed(10, 1)}
    assert file.columns_ignored == 0


@pytest.mark.parametrize(
    "header",
    [
        "sku,handling_days,shipping_days",
        "SKU,Handling_Days,SHIPPING_DAYS",
        "Seller SKU,Handling time (business days),Shipping time",
        " seller_sku , handling  time ,Shipping time (business days)",
        "seller sku,handling days,shipping days",
    ],
)
def test_headers_are_known_in_any_case_with_underscores_or_spaces(header: str) -> None:
    assert read(f"{header}\nTEE,2,4\n").times == {"TEE": listed(2, 4)}


def test_columns_stand_in_any_order_and_those_that_are_not_known_are_ignored_and_counted() -> None:
    file = read("Product,Shipping time,SKU ID,Price,Seller SKU,Handling time\nA tee,4,17,9.99,TEE,2\n")
    assert file.times == {"TEE": listed(2, 4)}
    assert file.columns_ignored == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_and_any_line_ends_are_fine(mark: str, end: str) -> None:
    text = mark + end.join(["sku,handling_days", "TEE,2", "", " , ", "MUG,3", ""])
    assert read(text).times == {"TEE": listed(2), "MUG": listed(3)}


def test_a_quoted_field_may_hold_commas_quotes_and_line_ends() -> None:
    file = read('name,sku,handling_days\n"a ""blue"" tee,\nsize M","TEE,BLU","2"\nA mug,MUG,3\n')
    assert file.times == {"TEE,BLU": listed(2), "MUG": listed(3)}


def test_blanks_around_a_cell_do_not_count() -> None:
    assert read(HEADER + " TEE , 2 ,004\n").times == {"TEE": listed(2, 4)}


def test_an_empty_cell_sets_nothing_where_the_row_has_the_other_time() -> None:
    assert read(HEADER + "TEE,,4\nMUG,0,\n").times == {"TEE": listed(None, 4), "MUG": listed(0)}


def test_a_sku_twice_with_the_same_times_is_one() -> None:
    assert read(HEADER + "TEE,2,4\nTEE,2,4\n").times == {"TEE": listed(2, 4)}


def test_skus_that_differ_in_case_are_two() -> None:
    assert len(read(HEADER + "TEE,2,4\ntee,3,4\n").times) == 2


@pytest.mark.parametrize(("days", "accepted"), [("0", 0), ("365", 365)])
def test_the_fewest_and_the_most_days_are_accepted(days: str, accepted: int) -> None:
    assert read(HEADER + f"TEE,{days},{days}\n").times == {"TEE": listed(accepted, accepted)}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",2,4", "row 2, column 'sku': no SKU"),
        ("TEE\x07,2,4", "row 2, column 'sku': a SKU with signs that cannot be printed"),
        (f"{'T' * 101},2,4", "row 2, column 'sku': a SKU of more than 100 bytes"),
        ("TEE,two,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,2.0,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,2 days,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,+2,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,²,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,--2,4", "row 2, column 'handling_days': not a whole number"),
        ("TEE,2,-1", "row 2, column 'shipping_days': negative"),
        ("TEE,2,366", "row 2, column 'shipping_days': more than 365 days"),
        (f"TEE,2,{'9' * 5000}", "row 2, column 'shipping_days': more than 365 days"),
        ("TEE,,", "row 2: neither a handling time nor a shipping time"),
        ("TEE,2", "row 2: 2 fields where the header has 3"),
        ("TEE,2,4,", "row 2: 4 fields where the header has 3"),
        ('TEE,"2"x,4', "row 2: broken quotes, or a field that is too long"),
        ('TEE,"2,4\nMUG,3,4', "row 2: broken quotes, or a field that is too long"),
        (f"{'T' * 200_000},2,4", "row 2: broken quotes, or a field that is too long"),
        ("TEE,2,4\nMUG,1,1\nTEE,3,4", "row 4, column 'sku': the SKU of row 2, with other times"),
        ("TEE,2,4\nTEE,2,", "row 3, column 'sku': the SKU of row 2, with other times"),
    ],
)
def test_a_bad_row_is_named(row: str, problem: str) -> None:
    assert problems(row + "\n") == (problem,)


def test_a_column_is_named_as_the_file_has_it() -> None:
    assert problems("TEE,x\n", "Seller SKU,Handling time (business days)\n") == (
        "row 2, column 'Handling time (business days)': not a whole number",
    )


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    rows = '"TEE","2","4"\n\n"A ""mug""\nof two lines",3,4\nCAP,x,4\n'
    assert problems(rows.replace("mug", "m")) == (
        "row 4, column 'sku': a SKU with signs that cannot be printed",
        "row 5, column 'handling_days': not a whole number",
    )


def test_every_bad_row_is_named_and_none_hides_another() -> None:
    found = problems("TEE,x,4\nMUG,2\n,1,1\nCAP,1,1\n")
    assert [problem.split(":")[0] for problem in found] == [
        "row 2, column 'handling_days'",
        "row 3",
        "row 4, column 'sku'",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("row 1: there is no header",)),
        ("\ufeff", ("row 1: there is no header",)),
        ('"sku', ("row 1: broken quotes, or a field that is too long",)),
        ("TEE,2,4\n", ("row 1: no column of the sku ('seller sku' or 'sku')", "row 1: no column of a time")),
        ("sku;handling_days\nTEE;2\n", ("row 1: no column of the sku", "row 1: no column of a time")),
        ("sku,price\nTEE,2\n", ("row 1: no column of a time ('handling_days' or 'shipping_days')",)),
        ("handling_days\n2\n", ("row 1: no column of the sku",)),
        ("sku,seller sku,handling_days\nTEE,TEE,2\n", ("row 1: more than one column of the sku",)),
        ("sku,handling time,handling_days\nTEE,1,2\n", ("row 1: more than one column of the handling time",)),
    ],
)
def test_a_header_that_cannot_be_understood_is_the_only_problem(text: str, found: tuple[str, ...]) -> None:
    said = read_listing_file(text).problems
    assert len(said) == len(found)
    assert all(one.startswith(start) for one, start in zip(said, found, strict=True))


def test_no_problem_repeats_what_stands_in_the_file() -> None:
    secret = "Jane Roe"
    text = f"{secret},sku,handling_days\n{secret},{secret},{secret}\n{secret}\n{secret},,2\n"
    said = read_listing_file(text).problems
    assert len(said) == 3
    assert secret not in " ".join(said)


@given(table=st.dictionaries(SKUS, LISTED, max_size=20))
def test_what_was_written_as_csv_is_read_back(table: dict[str, ListedTimes]) -> None:
    def cell(days: int | None) -> str:
        return "" if days is None else str(days)

    quoted = {sku: sku.replace('"', '""') for sku in table}
    rows = [f'"{quoted[sku]}",{cell(each.handling_days)},{cell(each.shipping_days)}' for sku, each in table.items()]
    assert read(HEADER + "\n".join(rows)).times == table


# ---- merging


def test_a_file_adds_to_a_table_and_changes_what_it_names() -> None:
    before = {"TEE": listed(2, 4), "MUG": listed(3)}
    after = merged(before, read(HEADER + "MUG,5,6\nCAP,1,\n"), replaces=False)
    assert after == {"TEE": listed(2, 4), "MUG": listed(5, 6), "CAP": listed(1)}
    assert before == {"TEE": listed(2, 4), "MUG": listed(3)}


def test_a_file_that_replaces_drops_what_it_does_not_name() -> None:
    assert merged({"TEE": listed(2, 4)}, read(HEADER + "MUG,5,6\n"), replaces=True) == {"MUG": listed(5, 6)}


def test_an_empty_cell_takes_a_time_away_and_a_missing_column_leaves_it() -> None:
    before = {"TEE": listed(2, 4)}
    assert merged(before, read(HEADER + "TEE,3,\n"), replaces=False) == {"TEE": listed(3)}
    assert merged(before, read("sku,handling_days\nTEE,3\n"), replaces=False) == {"TEE": listed(3, 4)}
    assert merged(before, read("sku,shipping_days\nTEE,3\n"), replaces=False) == {"TEE": listed(2, 3)}
    assert merged(before, read("sku,handling_days\nTEE,3\n"), replaces=True) == {"TEE": listed(3)}
