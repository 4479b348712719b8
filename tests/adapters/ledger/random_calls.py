"""Random sequences of a table's operations, and whether two tables answer all of them alike."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from local.memory_table import MemoryTable
from order_sync.ledger.table import Add, Item, Key, Put, Scalar, Table, VersionConflictError, Write

CONFLICT, REFUSED = "conflict", "refused"
_VALUES: list[Scalar] = [7, -120, 10**20, True, "é", "", "5"]


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the port, and the arguments after the table."""

    operation: str
    arguments: tuple[Any, ...]

    def on(self, table: Table) -> Any:
        """What a table answers, or that it refuses. An outage is no answer: it is raised."""
        operations: dict[str, Callable[..., Any]] = {
            "get": table.get,
            "get_many": table.get_many,
            "query": lambda pk, since, before: table.query(pk, since=since, before=before),
            "due": table.due,
            "count_due": table.count_due,
            "put": table.put,
            "write_all": table.write_all,
            "delete": lambda key, expects: table.delete(key, expects=expects),
        }
        try:
            return operations[self.operation](*self.arguments)
        except VersionConflictError:
            return CONFLICT
        except (ValueError, TypeError, ClientError, ParamValidationError):
            return REFUSED


_EVERYTHING = [
    *(Call("query", (pk, "", "")) for pk in "PQ"),
    *(Call("due", (due_list, 99, 99, -99)) for due_list in "XY"),
]
"""What every sequence ends with: nothing may lie hidden in either table."""


def random_calls(seed: int, length: int) -> list[Call]:
    """So many operations over ten keys, two due lists and ten moments; some of them are mistakes."""
    chance = Random(seed)
    return [_a_call(chance) for _ in range(length)]


def _a_call(chance: Random) -> Call:
    operation = chance.choice(
        ["put"] * 4 + ["write_all"] * 4 + ["delete", "get", "get_many", "query"] + ["due"] * 2 + ["count_due"]
    )
    since, until = chance.choice([0, chance.randint(-2, 9)]), chance.randint(-1, 10)
    arguments: dict[str, Callable[[], tuple[Any, ...]]] = {
        "put": lambda: (_a_put(chance),),
        "write_all": lambda: (_a_transaction(chance),),
        "delete": lambda: (_a_key(chance), chance.choice([None, 0, 1, 2])),
        "get": lambda: (_a_key(chance, bad=0.05),),
        "get_many": lambda: ([_a_key(chance) for _ in range(chance.randint(0, 6))],),
        "query": lambda: (chance.choice("PQ") if chance.random() < 0.97 else "", *chance.choices(["", *"ABCDE"], k=2)),
        "due": lambda: (chance.choice("XY"), until, chance.randint(1, 5), since),
        "count_due": lambda: (chance.choice("XY"), until, since),
    }
    return Call(operation, arguments[operation]())


def _a_key(chance: Random, bad: float = 0.0) -> Key:
    if chance.random() < bad:
        return chance.choice([Key("", "A"), Key("P", "")])
    return Key(chance.choice("PQ"), chance.choice("ABCDE"))


def _a_put(chance: Random) -> Put:
    key = _a_key(chance, bad=0.02)
    item: Item = {"pk": key.pk, "sk": key.sk}
    attributes: dict[str, Sequence[Scalar]] = {
        "version": [0, 1, 1, 2],
        "value": _VALUES,
        "due_list": ["X", "Y"] if chance.random() < 0.98 else [""],
        "due_at": range(10),
    }
    for name, values in attributes.items():
        if chance.random() < 0.8:
            item[name] = chance.choice(values)
    return Put(item=item, expects=chance.choice([None, None, 0, 1, 1, 2]))


def _an_add(chance: Random) -> Add:
    # Now and then there is nothing to add, or a text is added to.
    names = chance.sample(["late", "a.b", "version", "due_at"], k=chance.choice([0, 1, 1, 1, 2, 2, 3, 3]))
    if chance.random() < 0.1:
        names.append("value")
    return Add(key=_a_key(chance, bad=0.01), amounts={name: chance.randint(-2, 2) for name in names})


def _a_transaction(chance: Random) -> list[Write]:
    writes = [_a_put(chance) if chance.random() < 0.6 else _an_add(chance) for _ in range(chance.choice([1, 2, 3, 3]))]
    if chance.random() < 0.05:
        return writes[:0] if chance.random() < 0.5 else [*writes, writes[0]]
    return list({write.key: write for write in writes}.values())


def difference(known: MemoryTable, other: Table, calls: Sequence[Call], seen: Counter[str] | None = None) -> str | None:
    """The first operation that two tables answer differently, if any. `seen` counts operations and answers."""
    for number, call in enumerate([*calls, *_EVERYTHING], start=1):
        first, second = (_comparable(call, call.on(table), known) for table in (known, other))
        if seen is not None:
            told = first if first in (CONFLICT, REFUSED) else "done" if first else "nothing"
            seen.update([call.operation, f"{call.operation}: {told}"])
        if first != second:
            return f"operation {number}, {call}: {first!r} and {second!r}"
    return None


def fewest(calls: Sequence[Call], differ: Callable[[Sequence[Call]], bool]) -> list[Call]:
    """Those of the calls that it takes for a difference."""
    needed = list(calls)
    for call in reversed(calls):
        fewer = [each for each in needed if each is not call]
        if differ(fewer):
            needed = fewer
    return needed


def _comparable(call: Call, answer: Any, known: MemoryTable) -> Any:
    if answer in (CONFLICT, REFUSED):
        return answer
    if call.operation == "get_many":
        return sorted(answer, key=lambda item: (item["pk"], item["sk"]))
    if call.operation == "due" and answer:
        # Among equal moments DynamoDB's order is its own affair, and so is which of them a limit leaves out.
        moments = [known.items.get(key, {}).get("due_at") for key in answer]
        is_cut = len(answer) == call.arguments[2]
        certain = {key for key, moment in zip(answer, moments, strict=True) if not is_cut or moment != moments[-1]}
        return moments, certain, len(set(answer))
    return answer
