"""The layer as SAM builds it, for both processors."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.sam import built
from local.stack import clean_environment

pytestmark = pytest.mark.end_to_end

MEGABYTE = 1024 * 1024
LAYER_LIMIT = 25 * MEGABYTE
ELF_MACHINE = {"x86_64": 62, "arm64": 183}
"""The field e_machine of an ELF file: EM_X86_64 and EM_AARCH64."""


@pytest.fixture(scope="module", params=["arm64", "x86_64"])
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def packages(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with (
        (tmp_path_factory.mktemp("build") / "sam.log").open("w+") as log,
        built(architecture, clean_environment(), log) as build,
    ):
        yield build / "OrderSyncLayer" / "python"


def elf_machine(library: Path) -> int:
    header = library.read_bytes()[:20]
    assert header[:4] == b"\x7fELF"
    (machine,) = struct.unpack_from("<H", header, 18)
    return int(machine)


def test_compiled_libraries_are_for_the_processor_that_was_asked_for(packages: Path, architecture: str) -> None:
    libraries = list(packages.rglob("*.so"))

    assert any(library.parent.name == "pydantic_core" for library in libraries)
    assert {elf_machine(library) for library in libraries} == {ELF_MACHINE[architecture]}


def test_the_layer_holds_our_package_and_leaves_out_what_lambda_brings(packages: Path) -> None:
    names = {path.name for path in packages.iterdir()}

    assert {"order_sync", "httpx", "pydantic", "aws_lambda_powertools", "tzdata"} <= names
    assert not names & {"boto3", "botocore", "aws_xray_sdk", "tests"}


def test_the_layer_stays_small(packages: Path) -> None:
    assert sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()) < LAYER_LIMIT
