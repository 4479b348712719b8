"""What the table in memory counts, beside what DynamoDB's documentation says that it bills."""

import pytest

from local.memory_table import MemoryTable, item_size
from order_sync.ledger.table import Add, Item, Key, Put, Scalar, VersionConflictError

KEY = Key("ORDER#1#2", "ORDER")
COUNTER = Key("SHOP#1", "DISPATCH#2026-06-01#3")


def an_item(key: Key = KEY, **attributes: Scalar) -> Item:
    return {"pk": key.pk, "sk": key.sk, **attributes}


def due_item(sk: str, due_at: int, due_list: str = "HOLD#1#0") -> Item:
    return an_item(Key("P", sk), due_list=due_list, due_at=due_at)


def add(key: Key = COUNTER, **amounts: int) -> Add:
    return Add(key=key, amounts=amounts)


def sized(size: float, sk: str = "S", **attributes: Scalar) -> Item:
    """An item of so many bytes."""
    item: Item = an_item(Key("P", sk), text="", **attributes)
    filled = item | {"text": "x" * (int(size) - item_size(item))}
    assert item_size(filled) == int(size)
    return filled


KB = 1024


# Developer guide, "read and write operations": whole kilobytes, and the larger of what was and what is there.
@pytest.mark.parametrize(
    ("stored", "written", "units"),
    [
        (None, 500, 1),
        (None, 1 * KB, 1),
        (None, 1 * KB + 1, 2),
        (None, 1.6 * KB, 2),
        (500, 3.5 * KB, 4),
        (3.5 * KB, 500, 4),
        (None, 400 * KB, 400),
    ],
)
def test_a_put_is_billed_for_the_larger_of_both_items(
    memory_table: MemoryTable, stored: float | None, written: float, units: int
) -> None:
    if stored is not None:
        memory_table.put(Put(item=sized(stored)))
    before = memory_table.write_units
    memory_table.put(Put(item=sized(written)))
    assert memory_table.write_units - before == units


@pytest.mark.parametrize(("stored", "units"), [(None, 1), (500, 1), (1.6 * KB, 2), (2 * KB, 2)])
@pytest.mark.parametrize("expects", [None, 1, 2])
def test_a_delete_is_billed_for_what_is_there_even_when_it_comes_too_late(
    memory_table: MemoryTable, stored: float | None, units: int, expects: int | None
) -> None:
    if stored is not None:
        memory_table.put(Put(item=sized(stored, version=1)))
    before = memory_table.write_units
    if expects is None or (expects == 1 and stored is not None):
        memory_table.delete(Key("P", "S"), expects=expects)
    else:
        with pytest.raises(VersionConflictError):
            memory_table.delete(Key("P", "S"), expects=expects)
    assert memory_table.write_units - before == units


def test_a_transaction_of_three_items_of_500_bytes_is_billed_as_six_units(memory_table: MemoryTable) -> None:
    memory_table.write_all([Put(item=sized(500, sk)) for sk in "ABC"])
    assert memory_table.write_units == 6


def test_a_canceled_transaction_is_billed_in_full(memory_table: MemoryTable) -> None:
    with pytest.raises(VersionConflictError):
        memory_table.write_all([Put(item=sized(500, "A")), Put(item=sized(1.6 * KB, "B"), expects=1)])
    assert memory_table.write_units == 2 * 1 + 2 * 2


# The example of the developer guide: an item of 300 KB is there, one of 310 KB comes too late.
def test_a_put_that_comes_too_late_is_billed_for_the_larger_of_both_items(memory_table: MemoryTable) -> None:
    memory_table.put(Put(item=sized(300 * KB, version=1)))
    for size, units in ((310 * KB, 310), (500, 300)):
        before = memory_table.write_units
        with pytest.raises(VersionConflictError):
            memory_table.put(Put(item=sized(size), expects=0))
        assert memory_table.write_units - before == units


@pytest.mark.parametrize(("sizes", "units"), [([], 1), ([3.5 * KB], 1), ([10 * KB], 3), ([1.5 * KB, 6.5 * KB], 3)])
def test_each_item_is_read_by_itself_in_whole_4_kb(memory_table: MemoryTable, sizes: list[float], units: int) -> None:
    for number, size in enumerate(sizes):
        memory_table.put(Put(item=sized(size, str(number))))
    memory_table.get_many([Key("P", str(number)) for number in range(max(1, len(sizes)))])
    assert memory_table.read_units == units
    if len(sizes) < 2:
        memory_table.get(Key("P", "0"))
        assert memory_table.read_units == 2 * units


@pytest.mark.parametrize(("number", "size", "units"), [(10, 4.08 * KB, 11), (1500, 64, 24), (1, 100, 1)])
def test_a_query_is_billed_for_all_its_items_together(
    memory_table: MemoryTable, number: int, size: float, units: int
) -> None:
    for each in range(number):
        memory_table.put(Put(item=sized(size, f"{each:04}")))
    memory_table.query("P")
    assert memory_table.read_units == units


# DynamoDB: names and strings in UTF-8 bytes; a number one byte for two significant digits and one more; a Boolean one.
@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": "P", "sk": "S"}, 2 + 1 + 2 + 1),
        ({"name": "text"}, 4 + 4),
        ({"name": ""}, 4),
        ({"größe": "ü🧵"}, 7 + 6),
        ({"flag": True}, 4 + 1),
        ({"flag": False}, 4 + 1),
        ({"n": 0}, 1 + 1),
        ({"n": 7}, 1 + 1 + 1),
        ({"n": 42}, 1 + 1 + 1),
        ({"n": 123}, 1 + 2 + 1),
        ({"n": 1200}, 1 + 1 + 1),
        ({"n": 1002}, 1 + 2 + 1),
        ({"n": 1_780_315_200_000}, 1 + 4 + 1),
        ({"n": 1_780_315_200_123}, 1 + 7 + 1),
    ],
)
def test_an_item_is_as_large_as_dynamodb_counts_it(item: Item, size: int) -> None:
    assert item_size(item) == size


def test_the_memory_table_counts_what_dynamodb_would_bill(memory_table: MemoryTable) -> None:
    memory_table.put(Put(item=an_item(text="x" * 1100)))
    assert memory_table.write_units == 2
    memory_table.write_all([Put(item=an_item(text="x")), Put(item=an_item(Key("P", "1")))])
    assert memory_table.write_units == 2 + 2 * 2 + 2
    memory_table.get(KEY)
    memory_table.get(Key("no", "thing"))
    assert memory_table.read_units == 2
    memory_table.get_many([KEY, Key("no", "thing")])
    assert memory_table.read_units == 4


def test_an_add_is_billed_as_the_whole_item_that_it_leaves(memory_table: MemoryTable) -> None:
    memory_table.write_all([add(late=1)])
    assert memory_table.write_units == 2
    memory_table.put(Put(item=an_item(COUNTER, text="x" * 1100)))
    assert memory_table.write_units == 2 + 2
    memory_table.write_all([add(late=1), Put(item=an_item())])
    assert memory_table.write_units == 2 + 2 + 2 * 2 + 2


def test_a_transaction_that_comes_too_late_is_billed_without_the_index(memory_table: MemoryTable) -> None:
    memory_table.put(Put(item=an_item(version=2)))
    with pytest.raises(VersionConflictError):
        memory_table.write_all([Put(item=due_item("one", 10)), add(late=1), Put(item=an_item(version=2), expects=1)])
    assert memory_table.write_units == 1 + 3 * 2


def test_the_index_is_read_for_the_bytes_of_its_keys_at_half_price(memory_table: MemoryTable) -> None:
    memory_table.due("HOLD#1#0", 10**13, 100)
    memory_table.count_due("HOLD#1#0", 10**13)
    assert memory_table.read_units == 0.5 + 0.5
    # 2 + 1 and 2 + 100 for the key, 8 + 8 and 6 + 2 for the place: 129 bytes each, 31 of them in 4 KB.
    for number in range(64):
        memory_table.put(Put(item=due_item(f"{number:0100}", 10) | {"text": "x" * 5000}))
    for limit, units in ((31, 0.5), (32, 1.0), (63, 1.0), (64, 1.5), (100, 1.5)):
        before = memory_table.read_units
        memory_table.due("HOLD#1#0", 10**13, limit)
        assert memory_table.read_units - before == units
    before = memory_table.read_units
    assert memory_table.count_due("HOLD#1#0", 10**13) == 64
    assert memory_table.read_units - before == 1.5


def test_a_failed_condition_is_billed_as_a_write(memory_table: MemoryTable) -> None:
    memory_table.put(Put(item=an_item(version=1)))
    with pytest.raises(VersionConflictError):
        memory_table.put(Put(item=an_item(version=1), expects=0))
    assert memory_table.write_units == 2


def test_the_index_is_billed_for_what_it_puts_and_removes(memory_table: MemoryTable) -> None:
    memory_table.put(Put(item=due_item("one", 10)))
    assert memory_table.write_units == 1 + 1
    memory_table.put(Put(item=due_item("one", 10)))
    assert memory_table.write_units == 2 + 1
    memory_table.put(Put(item=due_item("one", 20)))
    assert memory_table.write_units == 3 + 3
    memory_table.put(Put(item=an_item(Key("P", "one"))))
    assert memory_table.write_units == 4 + 4
    memory_table.write_all([Put(item=due_item("two", 20))])
    assert memory_table.write_units == 6 + 5
    memory_table.delete(Key("P", "two"))
    assert memory_table.write_units == 7 + 6
