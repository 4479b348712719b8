"""The security scanners, over all that ships and all that is committed.

python -m local.scan [--quick | --accept] prints a line for each, and ends with 1 when one finds something or has looked
at nothing: a scanner that is pointed at the wrong place finds no fault there either. What each is told to overlook
stands below, with the reason.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
TOOLS: Final = ROOT / ".venv-scan" / "bin"
BASELINE: Final = ROOT / ".secrets.baseline"
TRANSLATED: Final = ROOT / ".aws-sam" / "translated.json"

BANDIT_OVERLOOKS: Final = {
    "B105": "takes paths and empty strings for passwords; ruff's S105 and detect-secrets look for the same",
    "B107": "the same, as defaults of arguments",
}
BANDIT_OVERLOOKS_IN_LOCAL: Final = BANDIT_OVERLOOKS | {
    "B101": "the simulators are no product code, and always run with their asserts",
    "B106": "the keys of simulated partners are no secrets",
    "B311": "a seeded generator makes a demonstration repeatable",
    "B404": "this machine's tools are programs",
    "B603": "each program and its arguments are our own; ruff's S603 is answered beside every call",
}
CFN_LINT_OVERLOOKS: Final = {
    "WS1000": "no X-Ray: the layer has no SDK for it, and an order's timeline says which function did what",
    "WS1004": "knows no LoggingConfig; a test compares each function with its log group and its retention",
    "WS2000": "no X-Ray here either",
    "WS5000": "nor here",
    "ES6000": "the queues are where failed messages end up; behind them there is only a person",
    "ES7000": "an e-mail that cannot be delivered is no use in a queue; the alarm stays on the dashboard",
}
CHECKOV_OVERLOOKS: Final = {
    "CKV_AWS_115": "concurrency is reserved where a partner's limit asks for it; elsewhere it would only take from the "
    "account's quota",
    "CKV_AWS_116": "knows the older DLQ only: failed runs go to FailedRuns by EventInvokeConfig, which a test asserts",
    "CKV_AWS_117": "nothing here is in a VPC, and the partners are on the Internet",
    "CKV_AWS_173": "the variables hold names and addresses, and no secret; Lambda encrypts them with its own key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a scanner looked at, in its own unit, and what it found."""

    scanner: str
    looked_at: int
    unit: str
    findings: Sequence[str]

    @property
    def is_clean(self) -> bool:
        """It has looked, and found nothing."""
        return self.looked_at > 0 and not self.findings


def bandit(folders: Sequence[Path], overlooks: Mapping[str, str]) -> Result:
    """Python code."""
    asked = ["--quiet", "--recursive", "--format", "json", "--skip", ",".join(overlooks), *map(str, folders)]
    said = json.loads(_run("bandit", asked))
    errors = [f"{each['filename']}: {each['reason']}" for each in said["errors"]]
    found = [
        f"{each['filename']}:{each['line_number']}: {each['test_id']} {each['issue_text']}" for each in said["results"]
    ]
    return Result(
        scanner="bandit", looked_at=len(said["metrics"]) - 1, unit="files looked at", findings=[*errors, *found]
    )


def cfn_lint(template: Path) -> Result:
    """A template, by AWS's rules and those for serverless applications."""
    asked = ["--template", str(template), "--append-rules", "cfn_lint_serverless.rules", "--format", "json"]
    said = json.loads(_run("cfn-lint", asked) or "[]")
    found = [
        f"{each['Location']['Start']['LineNumber']}: {each['Rule']['Id']} {each['Message']}"
        for each in said
        if each["Rule"]["Id"] not in CFN_LINT_OVERLOOKS
    ]
    # What is overlooked is counted first: it tells that the rules for serverless applications were really asked.
    overlooked = len(said) - len(found)
    return Result(scanner="cfn-lint", looked_at=overlooked, unit="answers overlooked", findings=found)


def checkov(template: Path, overlooks: Mapping[str, str]) -> Result:
    """A template as AWS transforms it."""
    asked = ["--file", str(template), "--framework", "cloudformation", "--skip-download", "--quiet", "--compact"]
    said = json.loads(_run("checkov", [*asked, "--skip-check", ",".join(overlooks), "--output", "json"]))
    if "results" not in said:
        return Result(scanner="checkov", looked_at=0, unit="checks made", findings=[])
    found = [
        f"{each['resource']}: {each['check_id']} {each['check_name']}" for each in said["results"]["failed_checks"]
    ]
    summary = said["summary"]
    errors = ["the template cannot be read"] * summary["parsing_errors"]
    return Result(
        scanner="checkov",
        looked_at=summary["passed"] + summary["failed"],
        unit="checks made",
        findings=[*errors, *found],
    )


def detect_secrets(files: Sequence[Path], root: Path = ROOT) -> Result:
    """Whatever is committed. Those that a person has looked at stand in the baseline.

    Files are named as seen from the root: detect-secrets drops what it finds in any other.
    """
    audited = {(file, each["hashed_secret"]) for file, each in _possible_secrets(json.loads(BASELINE.read_text()))}
    found = [
        f"{file}:{each['line_number']}: {each['type']}"
        for file, each in _possible_secrets(_secrets_in(files, root))
        if (file, each["hashed_secret"]) not in audited
    ]
    return Result(scanner="detect-secrets", looked_at=len(files), unit="files looked at", findings=found)


def accept() -> None:
    """Write what detect-secrets finds now into the baseline: a person has looked at each, and it is no secret."""
    said = _secrets_in(committed(), ROOT)
    for _, each in _possible_secrets(said):
        each["is_secret"] = False
        each.pop("is_verified", None)
    BASELINE.write_text(json.dumps({"version": said["version"], "results": said["results"]}, indent=2) + "\n")


def _secrets_in(files: Sequence[Path], root: Path) -> dict[str, Any]:
    if not files:  # Without a name it takes every file below the root, this tree's environments too.
        return {"results": {}}
    said: dict[str, Any] = json.loads(_run("detect-secrets", ["scan", "--all-files", *map(str, files)], root))
    return said


def _possible_secrets(said: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file, those in said["results"].items():
        for each in those:
            yield file, each


def committed() -> list[Path]:
    """The files that are, or would be, committed; lists of hashes are hashes."""
    git = shutil.which("git")
    if git is None:
        sys.exit("The scan of secrets asks git which files are committed: there is no git.")
    said = subprocess.run(  # noqa: S603  (the arguments are our own)
        [git, "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [Path(name) for name in said.stdout.splitlines()]
    return [file for file in files if (ROOT / file).is_file() and file.suffix != ".txt" and file.name != BASELINE.name]


def _run(tool: str, arguments: Sequence[str], folder: Path = ROOT) -> str:
    said = subprocess.run(  # noqa: S603  (the program and its arguments are our own)
        [str(TOOLS / tool), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if not said.stdout.strip() and said.returncode:
        sys.exit(f"{tool} broke off:\n{said.stderr}")
    return said.stdout


def scans(*, quick: bool) -> list[Callable[[], Result]]:
    """All scans of this tree; or only those that take a moment."""
    product = [ROOT / name for name in ("layers", "functions", "cli")]
    swift: list[Callable[[], Result]] = [
        partial(bandit, product, BANDIT_OVERLOOKS),
        partial(bandit, [ROOT / "local"], BANDIT_OVERLOOKS_IN_LOCAL),
        partial(cfn_lint, ROOT / "template.yaml"),
    ]
    return (
        swift
        if quick
        else [*swift, partial(checkov, TRANSLATED, CHECKOV_OVERLOOKS), lambda: detect_secrets(committed())]
    )


def main(arguments: Sequence[str]) -> int:
    """Scan, tell, and judge."""
    if "--accept" in arguments:
        accept()
    results = [scan() for scan in scans(quick="--quick" in arguments)]
    for result in results:
        print(f"{result.scanner}: {result.looked_at} {result.unit}, {len(result.findings)} findings")
        for finding in result.findings:
            print(f"  {finding}")
    return 0 if all(result.is_clean for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
