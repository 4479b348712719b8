"""What a command asks before it acts, and how it acts: by a function, whose answer it repeats."""

from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from cli.errors import CommandError
from cli.output import Session


def ask_first(session: Session, question: str, *, yes: bool) -> None:
    """Go on only when the operator agrees, on the terminal or beforehand by --yes."""
    if yes:
        return
    if session.as_json:
        raise CommandError("With --json nothing is asked: say --yes as well.")
    typer.confirm(question, abort=True, err=True)


def carry_out(session: Session, output: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Have a function do something, by the output that names it. Raises CommandError when it could not just now."""
    answer = session.stack.invoke(output, event)
    if answer.get("runs_postponed"):
        raise CommandError(
            "Not now, try again: a partner or AWS could not be reached; the log of "
            f"{session.stack.output(output)} says more."
        )
    return answer


def draw_answer(console: Console, answer: Mapping[str, Any]) -> None:
    """An answer line by line, each with its name in words."""
    for name, value in answer.items():
        console.print(Text(f"{name.replace('_', ' ')}: {in_words(value)}"))


def in_words(value: Any) -> str:
    """A value of an answer as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(in_words, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_words(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)
