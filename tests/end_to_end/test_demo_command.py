"""The command behind `make demo`, as a person runs it: it can be stopped at any time, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.sam import ROOT

pytestmark = [pytest.mark.end_to_end]


def family_of(process: int) -> dict[int, str]:
    """A process and all that descend from it: process id → command line."""
    children: dict[int, list[int]] = {}
    commands: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has ended meanwhile
        children.setdefault(parent, []).append(int(folder.name))
    family, waiting = {}, [process]
    while waiting:
        member = waiting.pop()
        family[member] = commands.get(member, "")
        waiting += children.get(member, [])
    return family


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to look for processes")
def test_ctrl_c_stops_everything_that_the_demo_started() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "layers/order_sync"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "shops are connected" in line:
                break
        time.sleep(3)
        family = family_of(demo.pid)
        assert any("local.aws" in command for command in family.values())
        assert any("awslambdaric" in command for command in family.values())
        demo.send_signal(signal.SIGINT)
        said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert "everything that was started has ended" in said
    assert [command for process, command in family.items() if Path(f"/proc/{process}").exists()] == []


def test_an_unknown_sabotage_is_refused_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local.demo", "--sabotage", "everything"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "layers/order_sync"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert all(
        name in done.stderr for name in ("hold", "duplicate", "parcel", "silence", "calendar", "mapping", "refund")
    )
