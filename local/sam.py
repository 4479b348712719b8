"""SAM on this machine: its commands, and a build that is done again only when something that it reads has changed."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parent.parent
SAM_BIN = ROOT / ".venv-sam" / "bin"
BUILDS = ROOT / ".aws-sam" / "local"
CONFIGURATION = ("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local")
"""The part of samconfig.toml that holds for the embedded AWS."""

SOURCES = ("template.yaml", "functions", "layers", "statemachines", "samconfig.toml")
LOG_LINES_SHOWN = 40


class SamError(Exception):
    """A SAM command failed; the message ends with what it said."""


def run_sam(name: str, arguments: Sequence[str], environment: Mapping[str, str], log: TextIO) -> None:
    """Run a SAM command; what it says goes to the log."""
    # SAM looks on PATH for a python3.13 that has pip: the one of its own environment.
    path = os.pathsep.join([str(SAM_BIN), environment.get("PATH", os.defpath)])
    command = [str(SAM_BIN / "sam"), name, *CONFIGURATION, *arguments]
    print("$", *command, file=log, flush=True)
    with subprocess.Popen(  # noqa: S603  (the arguments are our own)
        command,
        cwd=ROOT,
        env={**environment, "PATH": path, "SAM_CLI_TELEMETRY": "0"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            status = process.wait()
        except BaseException:
            process.terminate()
            raise
    if status != 0:
        raise SamError(f"`sam {name}` ended with status {status}.\n{last_lines(log)}")


@contextmanager
def built(architecture: str, environment: Mapping[str, str], log: TextIO) -> Iterator[Path]:
    """The folder of an up-to-date build of the template; nobody else builds there until the block ends."""
    folder = BUILDS / architecture
    folder.mkdir(parents=True, exist_ok=True)
    build, stamp = folder / "build", folder / "sources.sha256"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = _digest_of_sources()
        if not stamp.exists() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            run_sam(
                "build",
                [
                    *("--cache-dir", str(folder / "cache")),
                    *("--build-dir", str(build)),
                    *("--parameter-overrides", f"Architecture={architecture}"),
                ],
                environment,
                log,
            )
            stamp.write_text(digest)
        yield build


def last_lines(log: TextIO) -> str:
    """The end of a log, for the message of an error."""
    log.flush()
    log.seek(0)
    return "".join(log.readlines()[-LOG_LINES_SHOWN:])


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for name in SOURCES:
        source = ROOT / name
        files = [source] if source.is_file() else sorted(source.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
