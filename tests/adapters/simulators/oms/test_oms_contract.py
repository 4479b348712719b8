"""The simulator is what the OpenAPI file says."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from local.simulators.faults import Fault, Faults
from local.simulators.oms import OmsSimulator
from local.simulators.oms.contract import CONTRACT_FILE, ContractBrokenError, read_contract
from local.simulators.oms.state import State
from local.simulators.oms.web import Web
from tests.adapters.simulators.oms.caller import ORDER, TOKEN, Caller, Clock, order_body, problem_of


def test_every_operation_has_a_name_a_tag_and_words() -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text())
    tags = {tag["name"] for tag in document["tags"]}
    operations = [
        entry for path in document["paths"].values() for method, entry in path.items() if method != "parameters"
    ]
    assert len(operations) == len(read_contract()) == 20
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags


def test_every_tag_of_the_contract_has_calls() -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text())
    operations = [entry for path in document["paths"].values() for name, entry in path.items() if name != "parameters"]
    used = {tag for operation in operations for tag in operation["tags"]}
    assert [tag["name"] for tag in document["tags"] if tag["name"] not in used] == []


def test_every_example_is_what_its_schema_says() -> None:
    components = yaml.safe_load(CONTRACT_FILE.read_text())["components"]
    with_examples = {name: schema["examples"] for name, schema in components["schemas"].items() if "examples" in schema}
    assert {"Return", "ReturnDecision", "SellerRefund", "SellerRefundOutcome"} <= with_examples.keys()
    for name, examples in with_examples.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        for example in examples:
            Draft202012Validator(schema).validate(example)


def test_every_problem_of_the_contract_is_described() -> None:
    document = yaml.safe_load(CONTRACT_FILE.read_text())
    for operation in read_contract().values():
        assert {401, 429, 503} <= operation.answers.keys()
    words = document["components"]["schemas"]["Problem"]["description"]
    for name in ("lines-differ", "already-packed", "already-shipped", "already-cancelled", "totals-differ"):
        assert f"`{name}`" in words
    for name in ("cancel-request-unknown", "cancel-request-differs", "outcome-differs", "cancellation-unknown"):
        assert f"`{name}`" in words
    for name in ("return-differs", "refund-unknown", "currency-differs"):
        assert f"`{name}`" in words


def test_an_answer_outside_of_the_contract_is_noticed() -> None:
    take = read_contract()["take_order"]
    take.check_answer(201, {"number": "SO-1"})
    for status, body in ((202, {"number": "SO-1"}), (201, {"number": 1}), (201, None), (201, {"number": "x" * 26})):
        with pytest.raises(ContractBrokenError):
            take.check_answer(status, body)
    with pytest.raises(ContractBrokenError):
        read_contract()["cancel_order"].check_answer(204, {})


def test_a_call_that_is_only_in_the_contract_stops_the_simulator(tmp_path: Path) -> None:
    text = CONTRACT_FILE.read_text().replace("operationId: list_shipments", "operationId: list_parcels")
    file = tmp_path / "contract.yaml"
    file.write_text(text)
    with pytest.raises(ContractBrokenError, match="list_parcels"):
        Web(State(clock=Clock()), read_contract(file), Faults(), token=TOKEN, largest_page=1)


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic b21zLXRva2Vu", "oms-token"])
def test_a_wrong_token_is_refused(caller: Caller, header: str) -> None:
    caller.http.headers["Authorization"] = header
    answer = caller.call("take_order", order_body(), tiktok_order_id=ORDER)
    assert problem_of(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("fault", "problem"),
    [(Fault.RATE_LIMITED, (429, "too-many-requests")), (Fault.UNAVAILABLE, (503, "unavailable"))],
)
def test_outages_are_problems_with_a_time_to_wait(
    caller: Caller, oms: OmsSimulator, fault: Fault, problem: tuple[int, str]
) -> None:
    oms.faults.add(fault, "/shipments", retry_after=7)
    answer = caller.call("list_shipments")
    assert problem_of(answer) == problem
    assert answer.headers["Retry-After"] == "7"
    assert caller.call("list_shipments").status_code == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders/1"), ("GET", "/orders"), ("DELETE", "/shipments")])
def test_a_call_outside_of_the_contract_is_404(caller: Caller, method: str, path: str) -> None:
    assert problem_of(caller.http.request(method, path)) == (404, "path-unknown")


def test_an_id_that_is_no_id_is_refused(caller: Caller) -> None:
    answer = caller.call("read_order", tiktok_order_id="a b")
    assert problem_of(answer) == (400, "invalid-request")
    assert answer.json()["errors"][0]["pointer"] == "tiktok_order_id"


def test_text_that_is_no_json_is_refused(caller: Caller, oms: OmsSimulator) -> None:
    path = f"/orders/{ORDER}"
    for content, kind in ((b"{", "application/json"), (b"{}", "text/plain")):
        answer = caller.http.put(path, content=content, headers={"Content-Type": kind})
        assert problem_of(answer) == (400, "invalid-request")
    assert [each.status for each in oms.books.requests(method="PUT", path="/orders/")] == [400, 400]
