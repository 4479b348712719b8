"""The file that says where the stack of this machine is: `order-sync --local` reads it, and there is one at a time."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.aws import ACCOUNT, REGION
from local.sam import ROOT
from local.stack import Stack

USUAL_PLACE: Final = ROOT / ".aws-sam" / "local-stack.json"


class RunsAlreadyError(Exception):
    """Another stack of this machine has the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """The file while it is ours."""

    path: Path

    def tell(self, stack: Stack) -> None:
        """Say where the stack is."""
        found = {
            "process": os.getpid(),
            "endpoint": stack.endpoint,
            "stack": stack.name,
            "region": REGION,
            "account": ACCOUNT,
        }
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(found, indent=2) + "\n")
        fresh.replace(self.path)


@contextmanager
def own_place(path: Path) -> Iterator[Place]:
    """Take the file, and remove it when the block ends. Raises RunsAlreadyError while another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    process = _holder(path)
    if process:
        raise RunsAlreadyError(f"A stack runs on this machine already (process {process}): stop it with Ctrl-C first.")
    path.unlink(missing_ok=True)
    try:
        with path.open("x") as file:
            json.dump({"process": os.getpid()}, file)
    except FileExistsError:
        raise RunsAlreadyError("Another stack was started on this machine at the same moment.") from None
    try:
        yield Place(path)
    finally:
        path.unlink(missing_ok=True)


def _holder(path: Path) -> int:
    """The living process that has the file; 0 when there is none."""
    try:
        process = int(json.loads(path.read_text())["process"])
        os.kill(process, 0)
    except (FileNotFoundError, ProcessLookupError, KeyError, ValueError):
        return 0
    return process
