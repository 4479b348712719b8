"""Imports point one way (DESIGN 5), so that a rule can be read without a partner, and a partner without a job."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "order_sync" / "order_sync"
FUNCTIONS = ROOT / "functions"
CLI = ROOT / "cli"

# Each part of the layer, and the parts that it may import besides itself.
BELOW_JOBS = {"partners", "ledger", "workflows", "notices", "secrets", "settings"}
MAY_IMPORT = {
    "bootstrap": {"jobs", "domain"} | BELOW_JOBS,
    "jobs": {"domain"} | BELOW_JOBS,
    **{part: {"domain"} for part in BELOW_JOBS},
    "domain": set[str](),
    "__init__": set[str](),
}
THE_CLI_MAY_IMPORT = {"domain", "ledger", "secrets"}
"""It reads the ledger and asks functions: what a job decides is decided in one place. And it knows the shape of the
partners' credentials, which no function ever takes in."""
DOMAIN_LIBRARIES = {"pydantic", "holidays"}


def modules_imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module
            # `from order_sync import bootstrap` imports a module, `from order_sync.settings import Settings` a name.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    return path.relative_to(LAYER).parts[0].removesuffix(".py")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


LAYER_FILES = sorted(LAYER.rglob("*.py"))
FUNCTION_FILES = sorted(FUNCTIONS.rglob("*.py"))
CLI_FILES = sorted(CLI.rglob("*.py"))


@pytest.mark.parametrize("path", LAYER_FILES, ids=relative)
def test_a_part_of_the_layer_imports_only_what_lies_below_it(path: Path) -> None:
    part = part_of(path)
    imported = {name.split(".")[1] for name in modules_imported(path) if name.startswith("order_sync.")}
    assert imported <= {part} | MAY_IMPORT[part]


@pytest.mark.parametrize("path", LAYER_FILES, ids=relative)
def test_the_layer_never_imports_what_is_not_deployed_with_it(path: Path) -> None:
    tops = {name.split(".")[0] for name in modules_imported(path)}
    assert tops.isdisjoint({"local", "tests", "functions", "app", "cli"})


@pytest.mark.parametrize("path", [path for path in LAYER_FILES if part_of(path) == "domain"], ids=relative)
def test_the_domain_imports_only_itself_the_standard_library_and_pydantic(path: Path) -> None:
    tops = {name.split(".")[0] for name in modules_imported(path)}
    assert tops <= {"order_sync"} | DOMAIN_LIBRARIES | sys.stdlib_module_names


@pytest.mark.parametrize("path", FUNCTION_FILES, ids=relative)
def test_a_function_imports_nothing_but_the_layer(path: Path) -> None:
    tops = {name.split(".")[0] for name in modules_imported(path)}
    assert "order_sync" in tops
    assert tops <= {"order_sync"} | sys.stdlib_module_names


@pytest.mark.parametrize("path", FUNCTION_FILES, ids=relative)
def test_a_function_leaves_partners_and_the_ledger_to_its_job(path: Path) -> None:
    imported = {name.split(".")[1] for name in modules_imported(path) if name.startswith("order_sync.")}
    assert imported <= {"bootstrap", "jobs", "domain"}


def _is_about_credentials(module: list[str]) -> bool:
    return module[1] == "partners" and bool({"credentials", "stored_secrets"} & {*module[2:4]})


@pytest.mark.parametrize("path", CLI_FILES, ids=relative)
def test_the_command_line_tool_reads_the_ledger_and_runs_no_job(path: Path) -> None:
    names = list(modules_imported(path))
    ours = [name.split(".") for name in names if name.startswith("order_sync.")]
    assert {each[1] for each in ours if not _is_about_credentials(each)} <= THE_CLI_MAY_IMPORT
    assert {name.split(".")[0] for name in names}.isdisjoint({"local", "tests", "functions", "app"})


@pytest.mark.parametrize("path", sorted((ROOT / "local").rglob("*.py")), ids=relative)
def test_nothing_on_this_machine_needs_the_command_line_tool(path: Path) -> None:
    assert "cli" not in {name.split(".")[0] for name in modules_imported(path)}


def test_every_part_of_the_layer_has_a_place() -> None:
    assert {part_of(path) for path in LAYER_FILES} <= set(MAY_IMPORT)
    assert FUNCTION_FILES


def test_the_walk_sees_an_import_inside_a_function(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text("import a.b\ndef late():\n    from c.d import e\n    import f as g\n")
    assert set(modules_imported(path)) == {"a.b", "c.d.e", "f"}
