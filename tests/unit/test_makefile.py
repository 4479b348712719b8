"""The commands of the Makefile, in a clone where none has run before."""

import os
import subprocess

import pytest

from local.sam import ROOT


@pytest.mark.parametrize("target", ["demo", "test"])
def test_both_first_commands_install_every_environment_themselves(target: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    planned = subprocess.run(  # noqa: S603  (the target is one of two)
        ["make", "--dry-run", "--always-make", target],  # noqa: S607  (the make of whoever runs the tests)
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout

    installed = {place for place in (".venv", ".venv-sam", ".venv-lambda") if f"touch {place}/.installed" in planned}
    assert installed == {".venv", ".venv-sam", ".venv-lambda"}
