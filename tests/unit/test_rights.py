"""What each function may do, from its real role, and what it is denied; docs/security.md tells the same."""

from typing import Any

import pytest

from local.translate_template import TEMPLATE
from tests.rights import (
    ACTIONS,
    DUE,
    FAMILIES,
    LEDGER,
    LOGICAL_NAMES,
    RESOURCES,
    SECRETS,
    STACK,
    TOPIC,
    Use,
    as_list,
    family,
    is_allowed,
    resolved,
    row_of,
    statements_of,
)

DOCUMENT = (TEMPLATE.parent / "docs" / "security.md").read_text()
MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:stack-"
MOST_OF_A_ROLE = 10
MOST_CHARACTERS = 6_144
LONGEST_STACK = "s" * (64 - len("-show-delivery-estimate"))
"""A function's name has 64 characters at most."""

MUST_NOT: dict[str, list[tuple[str, str]]] = {
    "answer_cancel_request": [("PutItem", "SHOPS"), ("PutItem", "RETURN#*"), ("DeleteItem", "ORDER#*")],
    "answer_return": [("PutItem", "SHOPS"), ("PutItem", "REQUEST#*"), ("DeleteItem", "ORDER#*")],
    "change_settings": [("PutItem", "SHOP#*"), ("GetItem", "ORDER#*"), ("PutItem", "ORDER#*")],
    "connect_shop": [("GetItem", "ORDER#*"), ("PutItem", "ORDER#*"), ("Query", "SHOPS")],
    "dispatch": [("PutItem", "SHOPS"), ("GetItem", "ORDER#*"), ("Query", "ORDER#*")],
    "load_listings": [("PutItem", "ORDER#*"), ("Query", "SHOPS"), ("DeleteItem", "LISTINGS#*")],
    "map_carriers": [("PutItem", "ORDER#*"), ("PutItem", "LISTINGS#*"), ("DeleteItem", "SHOPS")],
    "poll_channeladvisor": [("PutItem", "SHOPS"), ("PutItem", "REQUEST#*"), ("DeleteItem", "SHOP#*")],
    "poll_oms": [("PutItem", "SHOPS"), ("DeleteItem", "SHOP#*"), ("PutItem", "LISTINGS#*")],
    "poll_tiktok": [("PutItem", "SHOPS"), ("DeleteItem", "ORDER#*"), ("PutItem", "LISTINGS#*")],
    "push_channeladvisor": [("PutItem", "SHOPS"), ("DeleteItem", "ORDER#*"), ("PutItem", "RETURN#*")],
    "push_oms": [("PutItem", "SHOPS"), ("DeleteItem", "SHOP#*"), ("PutItem", "RETURN#*")],
    "push_tiktok": [("PutItem", "SHOPS"), ("DeleteItem", "ORDER#*"), ("PutItem", "LISTINGS#*")],
    "receive_webhook": [("PutItem", "SHOPS"), ("GetItem", "ORDER#*"), ("DeleteItem", "SHOP#*")],
    "reconcile": [("PutItem", "SHOPS"), ("DeleteItem", "ORDER#*"), ("PutItem", "LISTINGS#*")],
    "recount_late_dispatch": [("PutItem", "ORDER#*"), ("PutItem", "SHOPS"), ("DeleteItem", "SHOP#*")],
    "refresh_tokens": [("GetItem", "ORDER#*"), ("PutItem", "SHOPS"), ("PutItem", "ORDER#*")],
    "release_due_orders": [("PutItem", "SHOPS"), ("PutItem", "REQUEST#*"), ("DeleteItem", "ORDER#*")],
    "replay_failed": [("PutItem", "SHOPS"), ("PutItem", "SHOP#*"), ("DeleteItem", "ORDER#*")],
    "report_late_dispatch": [("PutItem", "SHOP#*"), ("PutItem", "ORDER#*"), ("UpdateItem", "SHOP#*")],
    "settle_requests": [("PutItem", "SHOPS"), ("DeleteItem", "SHOP#*"), ("PutItem", "LISTINGS#*")],
    "show_delivery_estimate": [("PutItem", "LISTINGS#*"), ("GetItem", "ORDER#*"), ("Query", "SHOP#*")],
    "watch_deadlines": [("PutItem", "SHOPS"), ("DeleteItem", "ORDER#*"), ("PutItem", "TRACKING#*")],
}
"""What would hurt if a function did it. The embedded AWS denies the first of each for real (tests/end_to_end)."""

SECRETS_OF = {
    "tiktok-app": "signs calls in the seller's name",
    "tiktok/1": "a shop's tokens",
    "channeladvisor/a": "an account's credentials",
    "oms/1": "an OMS's token",
    "fingerprint-key": "tells whose address is whose",
}
NO_PARTNER = {
    *("change_settings", "dispatch", "load_listings", "map_carriers", "recount_late_dispatch", "replay_failed"),
    *("report_late_dispatch", "show_delivery_estimate", "watch_deadlines"),
}
"""They call no partner."""

every_function = pytest.mark.parametrize("function", sorted(LOGICAL_NAMES))


def may(function: str, action: str, on: str) -> bool:
    service, _, name = action.rpartition(":")
    if service:
        return is_allowed(Use(function, action, on))
    return is_allowed(Use(function, f"dynamodb:{name}", LEDGER, on))


def test_every_function_has_something_that_it_must_not_do() -> None:
    assert set(MUST_NOT) == set(LOGICAL_NAMES)


@every_function
def test_a_function_is_denied_what_it_must_not_do(function: str) -> None:
    assert [each for each in MUST_NOT[function] if may(function, *each)] == []


@every_function
def test_no_function_reads_or_writes_the_table_but_by_the_keys_of_items(function: str) -> None:
    whole = ("Scan", "BatchWriteItem", "DeleteTable", "UpdateTable", "ExportTableToPointInTime", "PartiQLSelect")

    assert [each for each in whole if may(function, f"dynamodb:{each}", LEDGER)] == []
    assert [each for each in ACTIONS if each != "Query" and may(function, f"dynamodb:{each}", DUE)] == []
    assert [each for each in ACTIONS if may(function, each, "ANYTHING#*")] == []


@every_function
def test_an_order_and_its_timeline_are_deleted_by_no_function(function: str) -> None:
    assert not may(function, "DeleteItem", "ORDER#*")


@every_function
def test_who_calls_no_partner_reads_no_secret(function: str) -> None:
    readable = [
        each for each in SECRETS_OF if may(function, "secretsmanager:GetSecretValue", f"{SECRETS}{each}-AbCdEf")
    ]

    assert bool(readable) == (function not in NO_PARTNER)


@every_function
def test_no_function_reads_the_secrets_of_another_stack(function: str) -> None:
    others = [each.replace(":stack/", ":stack-2/") for each in (f"{SECRETS}{name}-AbCdEf" for name in SECRETS_OF)]

    assert [each for each in others if may(function, "secretsmanager:GetSecretValue", each)] == []


@every_function
def test_a_function_tells_people_and_starts_others_only_where_the_document_says_so(function: str) -> None:
    row = row_of(function)

    assert may(function, "sns:Publish", TOPIC) == ("attention" in row)
    assert may(function, "states:StartExecution", f"{MACHINES}cool-down") == ("cool-down" in row)
    assert may(function, "lambda:InvokeFunction", f"{FUNCTION}poll-tiktok") == (function == "dispatch")


@every_function
def test_the_document_tells_what_a_function_may_do(function: str) -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{function}` |")]

    assert rows == [row_of(function)]


@every_function
def test_a_key_is_named_by_its_family(function: str) -> None:
    """By which the decisions of these tests are kept."""
    named = [
        key
        for statement in statements_of(function)
        for key in as_list(
            statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
        )
    ]

    assert all(family(key.replace("*", "1")) == key and key in FAMILIES for key in named)


@every_function
def test_every_statement_about_the_ledger_says_whose_items(function: str) -> None:
    about = [each for each in statements_of(function) if LEDGER in as_list(each["Resource"])]

    assert about
    assert all(list(each["Condition"]) == ["ForAllValues:StringLike"] for each in about)


@every_function
def test_a_role_stays_below_the_limits_of_iam(function: str) -> None:
    role = RESOURCES[f"{LOGICAL_NAMES[function]}Role"]["Properties"]

    assert len(role["ManagedPolicyArns"]) <= MOST_OF_A_ROLE
    assert sum(len(str(resolved(each["PolicyDocument"]))) for each in role["Policies"]) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    "name", [name for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::ManagedPolicy"]
)
def test_a_policy_stays_below_the_limits_of_iam(name: str) -> None:
    text = str(resolved(RESOURCES[name]["Properties"]["PolicyDocument"]))

    assert (
        len(text.replace(f"{STACK}-", f"{LONGEST_STACK}-").replace(f"{STACK}/", f"{LONGEST_STACK}/")) <= MOST_CHARACTERS
    )


def wide_statements() -> list[tuple[str, str]]:
    """Every statement of the template with a wildcard in a resource: where it stands, and the resource."""
    found = []
    for name, resource in RESOURCES.items():
        properties: dict[str, Any] = resource["Properties"]
        documents = [
            each["PolicyDocument"] for each in as_list(properties.get("Policies", [])) if isinstance(each, dict)
        ]
        documents += [properties[each] for each in ("PolicyDocument", "KeyPolicy") if each in properties]
        for document in documents:
            for statement in as_list(document["Statement"]):
                texts = [str(resolved(each)).rpartition(":")[2] for each in as_list(statement["Resource"])]
                found += [(name.removesuffix("Role"), text) for text in texts if "*" in text or "?" in text]
    return found


def test_the_document_names_every_policy_of_awss_own_and_no_function_uses_it_to_make_a_log_group() -> None:
    roles = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::IAM::Role"]
    of_aws = {
        arn.rpartition("/")[2] for role in roles for arn in role.get("ManagedPolicyArns", []) if isinstance(arn, str)
    }
    anywhere = {"Effect": "Deny", "Action": "logs:CreateLogGroup", "Resource": "*"}

    assert of_aws == {"AWSLambdaBasicExecutionRole"}
    assert "`AWSLambdaBasicExecutionRole`" in DOCUMENT.partition("## Wildcards")[2].partition("\n## ")[0]
    assert all(anywhere in statements_of(function) for function in LOGICAL_NAMES)


def test_the_operators_policy_is_never_replaced_while_it_is_attached_to_somebody() -> None:
    assert set(RESOURCES["Operators"]["Properties"]) == {"PolicyDocument"}


def test_operators_may_start_exactly_the_functions_of_the_stack() -> None:
    statements = RESOURCES["Operators"]["Properties"]["PolicyDocument"]["Statement"]
    (invokes,) = (each for each in statements if each["Action"] == "lambda:InvokeFunction")

    assert sorted(name for each in invokes["Resource"] for name in [each["Fn::GetAtt"][0]]) == sorted(
        LOGICAL_NAMES.values()
    )


def test_the_document_gives_a_reason_for_each_wildcard() -> None:
    told = DOCUMENT.partition("## Wildcards")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in told.splitlines() if line.startswith("| `")
    ]
    documented = {cells[0].strip("`"): cells[1] for cells in rows}
    wanted: dict[str, set[str]] = {}
    for place, resource in wide_statements():
        wanted.setdefault(resource, set()).add(place)

    assert set(documented) == set(wanted)
    assert {resource: set(places.split(", ")) for resource, places in documented.items()} == wanted
    assert all(cells[2] for cells in rows)
