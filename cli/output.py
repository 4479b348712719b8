"""One value, shown to a person or given to a program."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from cli.stack import Choice, Stack

WIDTH_OF_A_FILE: Final = 160
"""Tables need some width, which a pipe or a file has and does not say."""


@dataclass(kw_only=True)
class Session:
    """One command of the operator's: which stack, and how to answer."""

    choice: Choice = field(default_factory=Choice)
    as_json: bool = False
    open_stack: Callable[[Choice], Stack]

    @cached_property
    def stack(self) -> Stack:
        """The stack, looked up when the command first needs it."""
        return self.open_stack(self.choice)

    def show[Value](self, value: Value, draw: Callable[[Console, Value], None]) -> None:
        """Answer with a value: as one JSON document with --json, as `draw` shows it otherwise."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n")
        else:
            draw(_console(), value)


def session_of(context: typer.Context) -> Session:
    """The session that a command belongs to."""
    session: Session = context.obj
    return session


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_OF_A_FILE)


def plain(value: Any) -> Any:
    """A value as JSON can hold it; moments in UTC, decimals as text. The names of fields are part of the interface."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)


def table_of(columns: Iterable[str], rows: Iterable[Iterable[str]], *, title: str = "") -> RichTable:
    """A table; the text of its cells is never taken for markup."""
    table = RichTable(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, header_style="bold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
