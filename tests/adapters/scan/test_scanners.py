"""The scanners find a fault that was planted for them, and a scan of nothing counts as failed."""

import json
from pathlib import Path

import pytest

from local import scan

GOOD = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/ours"}}}}
BAD = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"NoSuchProperty": "any"}}}}
FUNCTION = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "F": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Handler": "app.lambda_handler",
                "Runtime": "python3.13",
                "CodeUri": "s3://any/any",
                "Policies": [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}],
            },
        }
    },
}


def written(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_bandit_finds_a_planted_fault(tmp_path: Path) -> None:
    written(tmp_path, "planted.py", "import subprocess\nsubprocess.call(input(), shell=True)\n")
    result = scan.bandit([tmp_path], scan.BANDIT_OVERLOOKS)

    assert result.looked_at == 1
    assert any("B602" in each for each in result.findings)
    assert not result.is_clean


def test_bandit_reports_code_that_it_cannot_read(tmp_path: Path) -> None:
    written(tmp_path, "planted.py", "def (:\n")

    assert not scan.bandit([tmp_path], scan.BANDIT_OVERLOOKS).is_clean


def test_cfn_lint_finds_planted_faults_by_both_kinds_of_rules(tmp_path: Path) -> None:
    plain = scan.cfn_lint(written(tmp_path, "plain.json", BAD))
    serverless = scan.cfn_lint(written(tmp_path, "serverless.json", FUNCTION))

    assert any("NoSuchProperty" in each for each in plain.findings)
    assert any(": ES" in each or ": WS" in each for each in serverless.findings)


def test_cfn_lint_without_a_single_answer_of_the_serverless_rules_counts_as_failed(tmp_path: Path) -> None:
    result = scan.cfn_lint(written(tmp_path, "empty.json", {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}))

    assert result.looked_at == 0
    assert not result.is_clean


def test_checkov_finds_a_planted_fault_and_passes_what_is_right(tmp_path: Path) -> None:
    right = scan.checkov(written(tmp_path, "right.json", GOOD), scan.CHECKOV_OVERLOOKS)
    wrong = scan.checkov(written(tmp_path, "wrong.json", BAD), scan.CHECKOV_OVERLOOKS)

    assert right.is_clean
    assert [each.split()[1] for each in wrong.findings] == ["CKV_AWS_27"]


def test_checkov_with_nothing_to_check_counts_as_failed(tmp_path: Path) -> None:
    nothing = written(tmp_path, "nothing.json", {"hello": "world"})

    assert not scan.checkov(nothing, scan.CHECKOV_OVERLOOKS).is_clean


def test_nothing_is_overlooked_that_checkov_would_not_report() -> None:
    reported = {each.split()[1] for each in scan.checkov(scan.TRANSLATED, {"CKV_NONE_0": ""}).findings}

    assert reported == set(scan.CHECKOV_OVERLOOKS)


def test_detect_secrets_finds_a_planted_secret(tmp_path: Path) -> None:
    written(tmp_path, "planted.py", 'KEY = "' + "AKIA" + "Q3EGRZNXWLQ4VGAB" + '"\n')
    result = scan.detect_secrets([Path("planted.py")], tmp_path)

    assert [each.partition(": ")[2] for each in result.findings] == ["AWS Access Key"]


def test_a_search_for_secrets_in_no_file_counts_as_failed() -> None:
    assert scan.detect_secrets([]).looked_at == 0
    assert not scan.detect_secrets([]).is_clean


def test_what_is_committed_is_looked_at_and_lists_of_hashes_are_not() -> None:
    names = {str(each) for each in scan.committed()}

    assert {"template.yaml", "local/scan.py", "docs/security.md", "tests/world.py"} <= names
    assert not any(name.endswith(".txt") for name in names)


@pytest.mark.parametrize(
    "reasons",
    [scan.BANDIT_OVERLOOKS_IN_LOCAL, scan.CFN_LINT_OVERLOOKS, scan.CHECKOV_OVERLOOKS],
)
def test_each_thing_overlooked_has_a_reason(reasons: dict[str, str]) -> None:
    assert all(reasons.values())


def test_the_document_has_a_reason_for_each_place_in_the_baseline() -> None:
    told = (scan.ROOT / "docs" / "security.md").read_text()
    places = {Path(file).parts[0] for file in json.loads(scan.BASELINE.read_text())["results"]}

    assert [place for place in places if f"| `{place}/` |" not in told and f"| `{place}` |" not in told] == []
