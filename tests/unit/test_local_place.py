"""The file that says where the stack of this machine is: there is one stack at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.stack import Choice, open_stack
from local.sandbox.place import RunsAlreadyError, own_place


def test_a_second_stack_says_which_process_has_the_first(tmp_path: Path) -> None:
    path = tmp_path / "new" / "stack.json"
    with own_place(path), pytest.raises(RunsAlreadyError, match=str(os.getpid())), own_place(path):
        pass
    assert not path.exists()


def test_the_file_of_a_process_that_died_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    died = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    path.write_text(json.dumps({"process": int(died.stdout), "endpoint": "http://127.0.0.1:1"}))
    with pytest.raises(CommandError, match="make local"):
        open_stack(Choice(local=True), path)
    with own_place(path):
        assert json.loads(path.read_text()) == {"process": os.getpid()}


def test_the_command_says_that_no_stack_runs_or_that_it_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    with pytest.raises(CommandError, match="make local"):
        open_stack(Choice(local=True), path)
    with own_place(path), pytest.raises(CommandError, match="still being deployed"):
        open_stack(Choice(local=True), path)
