"""What the trading jobs' roles allow about items, a few random days use; exceptions say which test uses them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import rights
from tests.simulation.random_day import RandomDay

DAYS = ((1, True), (33, True), (46, True), (161, False))
JOBS = (
    *("poll_tiktok", "push_channeladvisor", "push_oms", "poll_oms", "poll_channeladvisor", "push_tiktok"),
    *(
        "release_due_orders",
        "settle_requests",
        "reconcile",
        "watch_deadlines",
        "answer_cancel_request",
        "answer_return",
    ),
)
SHARED = ("SeeOrders", "SeeRequests", "SeeReturns")
ELSEWHERE = {
    (
        "answer_return",
        "Query",
        "",
    ): "tests/adapters/bootstrap: these days answer no return whose answer is told at once",
    ("reconcile", "DeleteItem", "SHOP#*"): "tests/adapters/jobs/test_shipping_providers: a carrier offered again",
    ("reconcile", "Query", ""): "tests/adapters/reconciling: what is open",
    ("settle_requests", "GetItem", "REQUEST#*"): "tests/adapters/cancellations: the OMS answers in the last moment",
    ("settle_requests", "GetItem", "RETURN#*"): "tests/adapters/returns: the same",
    ("watch_deadlines", "BatchGetItem", "LISTINGS#*"): "tests/adapters/jobs/test_listed_orders: a loaded table",
    ("SeeOrders", "BatchGetItem", "LISTINGS#*"): "tests/adapters/jobs/test_listed_orders: the same",
}


def kind_of(action: str) -> str:
    """Putting and adding are one right: a transaction does both, and is judged as a whole."""
    name = action.removeprefix("dynamodb:")
    return "PutItem" if name == "UpdateItem" else name


def items_allowed(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Action and family of items, or of the index without one, of a policy's statements."""
    for statement in rights.resolved(document)["Statement"]:
        condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
        for action in rights.as_list(statement["Action"]):
            if action.startswith("dynamodb:"):
                for family in rights.as_list(condition.get("dynamodb:LeadingKeys", "")):
                    yield kind_of(action), family


def own(job: str) -> Iterator[tuple[str, str]]:
    role = rights.RESOURCES[f"{rights.LOGICAL_NAMES[job]}Role"]["Properties"]
    for policy in role["Policies"]:
        yield from items_allowed(policy["PolicyDocument"])


def holders(policy: str) -> set[str]:
    """The functions that share a policy."""
    return {
        function
        for function, name in rights.LOGICAL_NAMES.items()
        if {"Ref": policy} in rights.RESOURCES[f"{name}Role"]["Properties"]["ManagedPolicyArns"]
    }


@pytest.fixture(scope="module")
def used() -> set[tuple[str, str, str]]:
    rights.used.clear()
    for seed, returns in DAYS:
        RandomDay(seed, returns=returns).play()
    return {(each.function, kind_of(each.action), each.family) for each in rights.used}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_uses_whatever_its_own_statements_allow(job: str, used: set[tuple[str, str, str]]) -> None:
    allowed = {(job, *each) for each in own(job)} - set(ELSEWHERE)

    assert sorted(allowed - used) == []


@pytest.mark.parametrize("policy", SHARED)
def test_those_who_share_a_policy_use_all_of_it(policy: str, used: set[tuple[str, str, str]]) -> None:
    done = {(action, family) for function, action, family in used if function in holders(policy)}
    allowed = {
        each
        for each in items_allowed(rights.RESOURCES[policy]["Properties"]["PolicyDocument"])
        if (policy, *each) not in ELSEWHERE
    }

    assert sorted(allowed - done) == []


def test_the_exceptions_are_allowed_at_all() -> None:
    allowed = {(job, *each) for job in JOBS for each in own(job)}
    allowed |= {
        (policy, *each)
        for policy in SHARED
        for each in items_allowed(rights.RESOURCES[policy]["Properties"]["PolicyDocument"])
    }

    assert set(ELSEWHERE) <= allowed
