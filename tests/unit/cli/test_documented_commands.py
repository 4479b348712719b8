"""Every `order-sync` command that a document shows is understood by the tool."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.app import run
from cli.errors import CommandError
from cli.stack import Choice, Stack
from local.sam import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMENT = re.compile(r"\s# .*$")
BESIDE = re.compile(r"\s< \S+$")
"""What the shell, not the tool, makes of a line."""
NOT_UNDERSTOOD = 2
IN_WORDS = re.compile(r"`(?:\./)?order-sync ([^`]+)`")
FENCED = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def documented() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        for block in FENCED.findall(document.read_text()):
            for line in block.replace("\\\n", " ").splitlines():
                if re.match(r"\s*(\./)?order-sync\b", line):
                    yield document.name, " ".join(line.split())


def named() -> list[str]:
    """The commands that are named within a sentence."""
    texts = [FENCED.sub("", document.read_text()) for document in DOCUMENTS]
    return sorted({" ".join(found.split()) for text in texts for found in IN_WORDS.findall(text)})


def refuse(_choice: Choice) -> Stack:
    raise CommandError("understood")


COMMANDS = sorted(set(documented()))


@pytest.mark.parametrize(("document", "line"), COMMANDS)
def test_a_documented_command_is_understood(
    document: str, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del document
    typed = shlex.split(BESIDE.sub("", COMMENT.sub("", line)))[1:]
    monkeypatch.chdir(tmp_path)
    for name in typed:
        if name.endswith((".csv", ".json")):
            (tmp_path / name).write_text("{}")
    status = run(typed, open_stack=refuse)
    said = capsys.readouterr()
    assert status == (0 if "--help" in typed else 1), said.err
    assert "--help" in typed or said.err == "understood\n"


@pytest.mark.parametrize("command", named())
def test_a_command_that_is_named_exists(command: str) -> None:
    words = shlex.split(command.replace("…", "x"))
    if "SHOP" in command or "ORDER" in command:
        assert run(words, open_stack=refuse) != NOT_UNDERSTOOD
    else:
        only_names = [each for each in words if re.fullmatch(r"[a-z-]+", each) and not each.startswith("--")]
        assert run([*only_names, "--help"], open_stack=refuse) == 0


def test_every_command_has_an_example_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"], open_stack=refuse) == 0
    commands = set(re.findall(r"^│ ([a-z-]+)  ", capsys.readouterr().out, re.MULTILINE))
    assert len(commands) > 12
    examples = " ".join(line for _, line in COMMANDS)
    assert {name for name in commands if not re.search(rf"(?:^| ){name}\b", examples)} == set()


@pytest.mark.parametrize("command", ["shops sing", "replay", "outbox", "edt SHOP", "redrive all", "no-such"])
def test_what_the_tool_does_not_know_is_told_apart(command: str) -> None:
    assert run(command.split(), open_stack=refuse) == NOT_UNDERSTOOD
