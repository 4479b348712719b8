"""An operator who only reads, in the whole product in one process: no function can be invoked."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from cli.app import run
from cli.stack import Stack
from tests.adapters.cli.operator import Said
from tests.world import START, Connected, World

type Types = Callable[..., Said]


def connected(world: World, region: str = "US", **settings: Any) -> Connected:
    """A shop that went live a day ago."""
    return world.connect(region, **({"starts_at": (START - timedelta(days=1)).isoformat()} | settings))


def reader(world: World, capsys: pytest.CaptureFixture[str]) -> Types:
    """Whoever types commands that read."""

    def no_client(service: str) -> NoReturn:
        raise AssertionError(f"a command that reads asked for {service}")

    stack = Stack(name="order-sync", outputs={}, client=no_client, table=world.table, now=world.clock)

    def types(*arguments: str) -> Said:
        capsys.readouterr()
        status = run(list(arguments), open_stack=lambda _choice: stack)
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return types


def asks(types: Types, *arguments: str) -> Any:
    """What a command answers with --json: one document, and nothing else."""
    said = types("--json", *arguments)
    assert said.status == 0, said.error
    assert said.error == ""
    return json.loads(said.out)
