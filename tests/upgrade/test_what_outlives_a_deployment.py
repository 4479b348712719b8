"""What a deployment must leave as it is: the table, the names of what waits, and the inputs of what is under way."""

from typing import Any

import pytest

from local.translate_template import read_template
from tests.account import Account, sample

RESOURCES = read_template()["Resources"]

KEY = {"pk": "HASH", "sk": "RANGE"}
TYPES = {"pk": "S", "sk": "S", "due_list": "S", "due_at": "N"}
INDEXES = {"due": ({"due_list": "HASH", "due_at": "RANGE"}, "KEYS_ONLY")}
"""As the first released version made the table. An index may be added; whatever else changes replaces the table or
takes away what is waited for, so do not adapt this record."""

NAMES = {
    "CoolDown": "${AWS::StackName}-cool-down",
    "CancellationApproval": "${AWS::StackName}-cancellation-approval",
    "ReleaseDueOrders": "${AWS::StackName}-release-due-orders",
    "SettleRequests": "${AWS::StackName}-settle-requests",
    "TikTokApp": "${AWS::StackName}/tiktok-app",
    "FingerprintKey": "${AWS::StackName}/fingerprint-key",
}
"""An execution that waits calls the function by the name that it knew when it began, days before."""

INPUTS = [
    ("release_due_orders", {"source": "timer"}),
    ("settle_requests", {"source": "timer", "order": "576461413038785752"}),
    ("settle_requests", {"source": "timer", "order": "576461413038785752", "cancel_request": "4035318504086604010"}),
]
"""What the state machines of every released version give their functions, beside the shop."""


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def key_of(schema: list[dict[str, str]]) -> dict[str, str]:
    return {each["AttributeName"]: each["KeyType"] for each in schema}


def test_the_tables_key_stays_and_indexes_are_only_added() -> None:
    table = properties("Ledger")
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    indexes = {
        each["IndexName"]: (key_of(each["KeySchema"]), each["Projection"]["ProjectionType"])
        for each in table["GlobalSecondaryIndexes"]
    }

    assert key_of(table["KeySchema"]) == KEY
    assert types | TYPES == types
    assert indexes | INDEXES == indexes
    assert "TableName" not in table, "a table with a name of its own cannot be replaced, and none of ours had one"
    assert "LocalSecondaryIndexes" not in table


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_something_waits_for_stays(name: str) -> None:
    found = properties(name)
    assert (found.get("Name") or found["FunctionName"])["Fn::Sub"] == NAMES[name]


def test_data_keeps_its_place_in_the_template() -> None:
    assert {name: RESOURCES[name]["Type"] for name in ("Ledger", "DataKey", "FingerprintKey")} == {
        "Ledger": "AWS::DynamoDB::Table",
        "DataKey": "AWS::KMS::Key",
        "FingerprintKey": "AWS::SecretsManager::Secret",
    }


@pytest.mark.parametrize(("function", "given"), INPUTS)
def test_an_execution_that_began_under_an_earlier_version_wakes_todays_function(
    account: Account, function: str, given: dict[str, str]
) -> None:
    account.invoke("change_settings", active=True, starts_at="2026-01-01T00:00:00Z")
    unsaid = dict.fromkeys(sample(function).keys() - given.keys() - {"shop"})
    event: dict[str, Any] = {**unsaid, **given, "shop": account.shop_id}

    assert "runs_postponed" not in account.invoke(function, **event)
