"""One contract for the table in memory and the table in DynamoDB."""

from collections.abc import Callable

import pytest

from local.memory_table import MemoryTable, item_size
from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Add, Item, Key, Put, Scalar, Table, VersionConflictError, Write

KEY = Key("ORDER#1#2", "ORDER")


def an_item(key: Key = KEY, **attributes: Scalar) -> Item:
    return {"pk": key.pk, "sk": key.sk, **attributes}


def due_item(sk: str, due_at: int, due_list: str = "HOLD#1#0") -> Item:
    return an_item(Key("P", sk), due_list=due_list, due_at=due_at)


def test_what_was_never_put_is_not_there(table: Table) -> None:
    assert table.get(KEY) is None
    assert table.get_many([KEY]) == []
    assert table.get_many([]) == []
    assert table.query(KEY.pk) == []
    assert table.due("HOLD#1#0", 10**13, 10) == []
    assert table.count_due("HOLD#1#0", 10**13) == 0


@pytest.mark.parametrize(
    "value",
    [0, 1, -1, 1_780_315_200_000, 10**37, True, False, "text", "", "5", "Übergrößenträger 🧵", "a#b", "line\nbreak"],
)
def test_a_value_comes_back_as_it_was_put(table: Table, value: Scalar) -> None:
    table.put(Put(item=an_item(value=value)))
    found = table.get(KEY)
    assert found == an_item(value=value)
    assert found is not None
    assert type(found["value"]) is type(value)


def test_a_put_replaces_the_whole_item(table: Table) -> None:
    table.put(Put(item=an_item(old="gone", version=1)))
    table.put(Put(item=an_item(new="here")))
    assert table.get(KEY) == an_item(new="here")


def test_what_was_read_is_a_copy(table: Table) -> None:
    item = an_item(value="kept")
    table.put(Put(item=item))
    item["value"] = "changed outside"
    for found in (table.get(KEY), table.get_many([KEY])[0], table.query(KEY.pk)[0]):
        assert found is not None
        found["value"] = "changed outside"
    assert table.get(KEY) == an_item(value="kept")


@pytest.mark.parametrize(
    ("stored", "expects", "allowed"),
    [
        (None, None, True),
        (None, 0, True),
        (None, 1, False),
        ({"version": 1}, None, True),
        ({"version": 1}, 0, False),
        ({"version": 1}, 1, True),
        ({"version": 2}, 1, False),
        ({"version": 1}, 2, False),
        ({"no_version": 1}, 0, False),
        ({"no_version": 1}, 1, False),
    ],
)
@pytest.mark.parametrize("write", ["put", "write_all"])
def test_a_write_holds_to_the_version_that_it_expects(
    table: Table, stored: Item | None, expects: int | None, *, allowed: bool, write: str
) -> None:
    if stored is not None:
        table.put(Put(item=an_item() | stored))
    before = table.get(KEY)
    put = Put(item=an_item(version=9), expects=expects)
    if allowed:
        write_it(table, write, put)
        assert table.get(KEY) == put.item
    else:
        with pytest.raises(VersionConflictError):
            write_it(table, write, put)
        assert table.get(KEY) == before


def write_it(table: Table, write: str, put: Put) -> None:
    if write == "put":
        table.put(put)
    else:
        table.write_all([put])


@pytest.mark.parametrize("conflicting", [0, 1, 2])
def test_a_transaction_writes_all_or_nothing(table: Table, conflicting: int) -> None:
    keys = [Key("P", str(number)) for number in range(3)]
    table.put(Put(item=an_item(keys[conflicting], version=1)))
    with pytest.raises(VersionConflictError):
        table.write_all([Put(item=an_item(key, version=5), expects=0) for key in keys])
    assert table.query("P") == [an_item(keys[conflicting], version=1)]
    table.write_all(
        [Put(item=an_item(key, version=5), expects=1 if n == conflicting else 0) for n, key in enumerate(keys)]
    )
    assert table.query("P") == [an_item(key, version=5) for key in keys]


def test_a_transaction_can_span_partitions(table: Table) -> None:
    keys = [Key("A", "1"), Key("B", "1")]
    table.write_all([Put(item=an_item(key)) for key in keys])
    assert [table.get(key) for key in keys] == [an_item(key) for key in keys]


def test_a_transaction_holds_a_hundred_items(table: Table) -> None:
    table.write_all([Put(item=an_item(Key("P", f"{number:03}")), expects=0) for number in range(100)])
    assert len(table.query("P")) == 100


@pytest.mark.parametrize(
    "keys",
    [[], [Key("P", str(number)) for number in range(101)], [Key("P", "1"), Key("P", "1")]],
    ids=["nothing", "too many", "one twice"],
)
def test_a_transaction_that_dynamodb_would_not_take_is_our_own_mistake(table: Table, keys: list[Key]) -> None:
    with pytest.raises(Exception) as mistake:  # noqa: PT011 - the two tables say it in their own words
        table.write_all([Put(item=an_item(key)) for key in keys])
    assert not isinstance(mistake.value, VersionConflictError | RetriableError)
    assert table.query("P") == []


COUNTER = Key("SHOP#1", "DISPATCH#2026-06-01#3")


def add(key: Key = COUNTER, **amounts: int) -> Add:
    return Add(key=key, amounts=amounts)


def test_an_add_makes_the_item_and_then_moves_its_numbers(table: Table) -> None:
    table.write_all([add(late=2, orders=3)])
    assert table.get(COUNTER) == an_item(COUNTER, late=2, orders=3)
    table.write_all([add(late=-3, canceled=1)])
    assert table.get(COUNTER) == an_item(COUNTER, late=-1, orders=3, canceled=1)
    table.write_all([add(late=0, unmoved=0)])
    assert table.get(COUNTER) == an_item(COUNTER, late=-1, orders=3, canceled=1, unmoved=0)
    assert table.query(COUNTER.pk) == [table.get(COUNTER)]


def test_an_add_leaves_the_rest_of_an_item_as_it_is(table: Table) -> None:
    counted = due_item("counted", 10) | {"version": 4, "text": "kept"}
    table.put(Put(item=counted))
    table.write_all([add(Key("P", "counted"), late=1)])
    assert table.get(Key("P", "counted")) == counted | {"late": 1}
    assert table.due("HOLD#1#0", 10, 10) == [Key("P", "counted")]


@pytest.mark.parametrize("name", ["late.by_tiktok", "..", "a.b.c", "add", "count", "_", "late"])
def test_a_number_may_have_any_name(table: Table, name: str) -> None:
    amounts = {name: 1, f"{name}.too": 2}
    table.write_all([Add(key=COUNTER, amounts=amounts)])
    table.write_all([Add(key=COUNTER, amounts=amounts)])
    assert table.get(COUNTER) == an_item(COUNTER, **{name: 2, f"{name}.too": 4})


@pytest.mark.parametrize("adds_first", [True, False])
def test_nothing_is_added_when_a_put_of_the_transaction_comes_too_late(table: Table, *, adds_first: bool) -> None:
    table.put(Put(item=an_item(version=2)))
    table.write_all([add(late=1)])
    stale: list[Write] = [Put(item=an_item(version=2), expects=1), add(late=1), add(Key("new", "x"), late=1)]
    with pytest.raises(VersionConflictError):
        table.write_all(stale[::-1] if adds_first else stale)
    assert table.get(COUNTER) == an_item(COUNTER, late=1)
    assert table.get(Key("new", "x")) is None
    table.write_all([Put(item=an_item(version=3), expects=2), add(late=1)])
    assert table.get(COUNTER) == an_item(COUNTER, late=2)
    assert table.get(KEY) == an_item(version=3)


@pytest.mark.parametrize(
    "writes",
    [
        [add()],
        [add(late=1), add(late=1)],
        [Put(item=an_item(COUNTER)), add(late=1)],
        [add(Key("P", str(number)), late=1) for number in range(101)],
    ],
    ids=["nothing", "one twice", "put and added to", "too many"],
)
def test_an_add_that_dynamodb_would_not_take_is_our_own_mistake(table: Table, writes: list[Write]) -> None:
    with pytest.raises(Exception) as mistake:  # noqa: PT011 - the two tables say it in their own words
        table.write_all(writes)
    assert not isinstance(mistake.value, VersionConflictError | RetriableError)
    assert table.get(COUNTER) is None
    assert table.query("P") == []


@pytest.mark.parametrize("value", ["text", "", True])
def test_nothing_can_be_added_to_what_is_no_number(table: Table, value: Scalar) -> None:
    table.put(Put(item=an_item(COUNTER, late=value)))
    with pytest.raises(Exception) as mistake:  # noqa: PT011 - the two tables say it in their own words
        table.write_all([Put(item=an_item()), add(late=1)])
    assert not isinstance(mistake.value, VersionConflictError | RetriableError)
    assert table.get(COUNTER) == an_item(COUNTER, late=value)
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    ("since", "before", "found"),
    [
        ("", "", "ABCD"),
        ("B", "", "BCD"),
        ("B#", "", "CD"),
        ("", "C", "AB"),
        ("B", "D", "BC"),
        ("B", "B", ""),
        ("E", "", ""),
        ("", "A", ""),
    ],
)
def test_a_query_gives_a_range_of_one_partition_in_order(table: Table, since: str, before: str, found: str) -> None:
    for sk in "DBAC":
        table.put(Put(item=an_item(Key("P", sk))))
        table.put(Put(item=an_item(Key("Q", sk))))
    assert table.query("P", since=since, before=before) == [an_item(Key("P", sk)) for sk in found]


def test_sort_keys_are_ordered_as_their_bytes(table: Table) -> None:
    for sk in ("ß", "Z", "a", "#", "🧵", "EVENT#10", "EVENT#9", "｡"):
        table.put(Put(item=an_item(Key("P", sk))))
    ordered = ["#", "EVENT#10", "EVENT#9", "Z", "a", "ß", "｡", "🧵"]
    assert [item["sk"] for item in table.query("P")] == ordered


def test_a_query_gives_all_pages(table: Table) -> None:
    for number in range(25):
        table.put(Put(item=an_item(Key("P", f"{number:02}"), text="x" * 100_000)))
    assert len(table.query("P")) == 25


def test_many_items_are_read_beyond_the_limit_of_one_request(table: Table) -> None:
    keys = [Key(f"P{number}", "ORDER") for number in range(230)]
    for key in keys[::2]:
        table.put(Put(item=an_item(key)))
    found = table.get_many(keys)
    assert sorted(str(item["pk"]) for item in found) == sorted(key.pk for key in keys[::2])


def test_a_key_that_is_asked_for_twice_is_found_once(table: Table) -> None:
    table.put(Put(item=an_item()))
    assert table.get_many([KEY, KEY, Key("other", "x")]) == [an_item()]
    assert table.get_many(key for key in (KEY,)) == [an_item()]


def test_the_due_index_is_sparse_and_ordered(table: Table) -> None:
    for item in (
        due_item("third", 30),
        due_item("first", 10),
        due_item("second", 20),
        due_item("later", 31),
        due_item("elsewhere", 5, "HOLD#1#1"),
        an_item(Key("P", "no moment"), due_list="HOLD#1#0"),
        an_item(Key("P", "no list"), due_at=10),
        an_item(Key("P", "neither")),
    ):
        table.put(Put(item=item))
    assert table.due("HOLD#1#0", 30, 10) == [Key("P", "first"), Key("P", "second"), Key("P", "third")]
    assert table.due("HOLD#1#0", 9, 10) == []
    assert table.due("HOLD#1#1", 10, 10) == [Key("P", "elsewhere")]


def test_the_longest_due_come_first_however_few_are_wanted(table: Table) -> None:
    for due_at in (50, 10, 40, 20, 30):
        table.put(Put(item=due_item(str(due_at), due_at)))
    assert [key.sk for key in table.due("HOLD#1#0", 100, 3)] == ["10", "20", "30"]
    assert len(table.due("HOLD#1#0", 100, 5)) == 5


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (0, 50, "10 20 30 40 50"),
        (20, 40, "20 30 40"),
        (21, 39, "30"),
        (30, 30, "30"),
        (31, 39, ""),
        (0, 9, ""),
        (51, 10**13, ""),
        (40, 20, ""),
    ],
)
def test_a_window_of_the_due_index_holds_both_its_ends(table: Table, since: int, until: int, found: str) -> None:
    for due_at in (50, 10, 40, 20, 30):
        table.put(Put(item=due_item(str(due_at), due_at)))
        table.put(Put(item=due_item(f"{due_at} elsewhere", due_at, "HOLD#1#1")))
    assert [key.sk for key in table.due("HOLD#1#0", until, 10, since=since)] == found.split()
    assert [key.sk for key in table.due("HOLD#1#0", until, 2, since=since)] == found.split()[:2]
    assert table.count_due("HOLD#1#0", until, since=since) == len(found.split())


def test_many_items_share_a_moment_of_the_due_index(table: Table) -> None:
    for number in range(30):
        table.put(Put(item=due_item(str(number), 10)))
    assert sorted(int(key.sk) for key in table.due("HOLD#1#0", 10, 100, since=10)) == list(range(30))
    assert table.count_due("HOLD#1#0", 10, since=10) == 30
    for number in range(0, 30, 2):
        table.delete(Key("P", str(number)))
    assert sorted(int(key.sk) for key in table.due("HOLD#1#0", 10, 100)) == list(range(1, 30, 2))
    assert table.count_due("HOLD#1#0", 10) == 15


@pytest.mark.parametrize("write", ["put", "write_all"])
def test_an_item_moves_in_the_due_index_and_leaves_it(table: Table, write: str) -> None:
    table.put(Put(item=due_item("one", 10)))
    write_it(table, write, Put(item=due_item("one", 50)))
    assert table.due("HOLD#1#0", 40, 10) == []
    write_it(table, write, Put(item=due_item("one", 50, "HOLD#1#1")))
    assert table.due("HOLD#1#0", 100, 10) == []
    assert table.due("HOLD#1#1", 100, 10) == [Key("P", "one")]
    write_it(table, write, Put(item=an_item(Key("P", "one"))))
    assert table.due("HOLD#1#1", 100, 10) == []


def test_a_deleted_item_is_gone_everywhere(table: Table) -> None:
    table.put(Put(item=due_item("one", 10)))
    table.delete(Key("P", "one"))
    assert table.get(Key("P", "one")) is None
    assert table.query("P") == []
    assert table.due("HOLD#1#0", 100, 10) == []
    table.put(Put(item=due_item("one", 10), expects=0))


def test_what_is_not_there_can_be_deleted(table: Table) -> None:
    table.delete(KEY)
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    ("stored", "expects", "allowed"),
    [
        ({"version": 2}, 2, True),
        ({"version": 3}, 2, False),
        ({"version": 2}, None, True),
        ({"no_version": 1}, 2, False),
        ({"no_version": 1}, None, True),
        (None, 2, False),
    ],
)
def test_a_removal_holds_to_the_version_that_it_expects(
    table: Table, stored: Item | None, expects: int | None, *, allowed: bool
) -> None:
    if stored is not None:
        table.put(Put(item=an_item() | stored))
    before = table.get(KEY)
    if allowed:
        table.delete(KEY, expects=expects)
    else:
        with pytest.raises(VersionConflictError):
            table.delete(KEY, expects=expects)
    assert table.get(KEY) == (None if allowed else before)


OVERLONG = "x" * 1025
TOO_LARGE: Item = {"first": "x" * 250_000, "second": "ü" * 125_000}


@pytest.mark.parametrize(
    "item",
    [
        an_item(Key("", "S")),
        an_item(Key("P", "")),
        an_item(Key(2 * OVERLONG, "S")),
        an_item(Key("P", OVERLONG)),
        an_item(due_list="", due_at=5),
        an_item(due_list=""),
        an_item() | TOO_LARGE,
        {"pk": "P"},
        {"pk": 5, "sk": "S"},
    ],
    ids=["no pk", "no sk", "long pk", "long sk", "no list", "no list or moment", "500 KB", "pk alone", "number"],
)
@pytest.mark.parametrize("write", ["put", "write_all"])
def test_an_item_that_dynamodb_would_not_take_is_our_own_mistake(table: Table, item: Item, write: str) -> None:
    with pytest.raises(Exception) as mistake:  # noqa: PT011 - the two tables say it in their own words
        write_it(table, write, Put(item=item))
    assert not isinstance(mistake.value, VersionConflictError)


@pytest.mark.parametrize(
    "operation",
    [
        lambda table: table.get(Key("", "S")),
        lambda table: table.get(Key("P", "")),
        lambda table: table.query(""),
        lambda table: table.due("", 5, 5),
        lambda table: table.count_due("", 5),
        lambda table: table.due("X", 5, -1),
        lambda table: table.write_all([add(Key("P", OVERLONG), late=1)]),
        lambda table: table.write_all([add(Key("P", ""), late=1)]),
        lambda table: table.write_all([add(pk=1)]),
    ],
    ids=["no pk", "no sk", "no partition", "no due list", "none to count", "limit", "overlong", "no name", "its key"],
)
def test_a_request_that_dynamodb_would_not_take_is_our_own_mistake(
    table: Table, operation: Callable[[Table], object]
) -> None:
    with pytest.raises(Exception) as mistake:  # noqa: PT011 - the two tables say it in their own words
        operation(table)
    assert not isinstance(mistake.value, VersionConflictError | RetriableError)


# What DynamoDB refuses by its documentation (secondary indexes; Constraints: 4 MB a transaction), and moto does not.
@pytest.mark.parametrize(
    "writes",
    [
        [Put(item=an_item(due_list=5))],
        [Put(item=an_item(due_list=True, due_at=1))],
        [Put(item=an_item(due_at="5"))],
        [Put(item=an_item(due_list="X", due_at=True))],
        [add(due_list=1)],
        [Put(item=an_item(Key("P", str(number)), text="x" * 350_000)) for number in range(12)],
    ],
    ids=["list", "list and moment", "moment", "moment in a list", "sum", "4 MB"],
)
def test_what_dynamodb_would_not_take_and_moto_does_is_our_own_mistake_too(
    memory_table: MemoryTable, writes: list[Write]
) -> None:
    with pytest.raises((ValueError, TypeError)):
        memory_table.write_all(writes)
    assert memory_table.items == {}


def test_a_transaction_may_hold_ten_of_the_largest_items(memory_table: MemoryTable) -> None:
    items = [an_item(Key("P", str(number)), text="x" * (400 * 1024 - 10)) for number in range(10)]
    memory_table.write_all([Put(item=item) for item in items])
    assert [item_size(item) for item in memory_table.query("P")] == [400 * 1024] * 10
    with pytest.raises(ValueError, match="an item of 409601 bytes"):
        memory_table.put(Put(item=items[0] | {"text": "x" * (400 * 1024 - 9)}))


@pytest.mark.parametrize(
    "operation",
    [
        lambda table: table.delete(Key("P", "")),
        lambda table: table.get_many([Key("P", "S"), Key("", "S")]),
        lambda table: table.due("X", 5, 0),
    ],
    ids=["delete", "get_many", "limit"],
)
def test_a_request_that_moto_would_take_is_our_own_mistake_too(
    memory_table: MemoryTable, operation: Callable[[Table], object]
) -> None:
    with pytest.raises(ValueError, match=r"key without a name|limit"):
        operation(memory_table)
