"""Cancellations over the contract: questions and outcomes go out, decisions and the seller's cancellations come in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault
from order_sync.domain.answering.answers import Answer, Decider, DecisionProblem
from order_sync.domain.cancelling.cancellations import (
    Cancellation,
    Initiator,
    Outcome,
    ReportedCancellation,
    SellerReason,
)
from order_sync.domain.errors import OutcomeUnknownError, RejectedError, RetriableError
from order_sync.domain.ids import CancelId, LineId, OrderId, ShopId
from order_sync.domain.orders import Source
from order_sync.partners.oms.cancellations import OmsCancellations
from order_sync.partners.oms.rest import RestOms
from tests.adapters.oms.world import OURS, SHOP, START, TOKEN, World, all_pages, refusing, take
from tests.purchases import a_line, a_purchase

CANCEL = CancelId("4035000000000000001")
LINES = tuple(line.id for line in a_purchase().lines)
HOUR = timedelta(hours=1)


@pytest.fixture
def cancellations(oms: RestOms) -> OmsCancellations:
    """The calls of an OMS that has taken an order."""
    take(oms)
    return oms.cancellations


def a_request(**changes: Any) -> Cancellation:
    values: dict[str, Any] = {
        "id": CANCEL,
        "initiator": Initiator.BUYER,
        "is_request": True,
        "reason": "no_longer_needed",
        "line_ids": LINES,
        "requested_at": START,
        "updated_at": START,
        "respond_by": START + 24 * HOUR,
        "answer_until": START + 23 * HOUR,
    }
    return Cancellation(**(values | changes))


def closed(
    outcome: Outcome | None = Outcome.APPROVED, decided_by: Decider = Decider.OMS, **changes: Any
) -> Cancellation:
    return a_request(**({"outcome": outcome, "decided_by": decided_by, "closed_at": START + HOUR} | changes))


def ask(cancellations: OmsCancellations, cancellation: Cancellation | None = None, **changes: Any) -> None:
    values: dict[str, Any] = {"shop": SHOP.shop, "order": OURS, "parcel_known": False} | changes
    cancellations.note_cancel_request(
        values["shop"], values["order"], cancellation or a_request(), parcel_known=values["parcel_known"]
    )


def test_a_request_is_asked_once_however_often_it_is_told(world: World, cancellations: OmsCancellations) -> None:
    for _ in range(2):
        ask(cancellations)
    request = world.simulator.books.cancel_request(CANCEL)
    assert request.times_told == 2
    assert request.body == {
        "shop_id": SHOP.shop,
        "tiktok_order_id": OURS,
        "lines": list(LINES),
        "reason": "no_longer_needed",
        "requested_at": "2025-08-19T13:00:00Z",
        "respond_by": "2025-08-20T12:00:00Z",
        "parcel_known": False,
    }


def test_a_request_told_again_brings_another_deadline_and_a_parcel(
    world: World, cancellations: OmsCancellations
) -> None:
    ask(cancellations)
    ask(cancellations, a_request(answer_until=START + HOUR), parcel_known=True)
    request = world.simulator.books.cancel_request(CANCEL)
    assert (request.respond_by, request.body["parcel_known"]) == (START + HOUR, True)
    ask(cancellations, a_request(answer_until=None))
    request = world.simulator.books.cancel_request(CANCEL)
    assert (request.respond_by, request.body["parcel_known"]) == (START + 24 * HOUR, False)


def test_a_long_reason_is_cut_the_same_way_each_time(world: World, cancellations: OmsCancellations) -> None:
    for _ in range(2):
        ask(cancellations, a_request(reason="x" * 501, line_ids=LINES[:1]))
    request = world.simulator.books.cancel_request(CANCEL)
    assert (request.body["reason"], request.lines, request.times_told) == ("x" * 500, LINES[:1], 2)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"answer_until": None, "respond_by": None}, "it has no deadline"), ({"line_ids": ()}, "it has no lines")],
)
def test_a_question_without_deadline_or_lines_is_not_asked(
    world: World, cancellations: OmsCancellations, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(RejectedError, match=f"note cancel request {CANCEL}: {why}"):
        ask(cancellations, a_request(**changes))
    assert world.simulator.books.requests(path="cancel-requests") == []


def test_a_request_that_the_oms_cannot_place_is_refused(cancellations: OmsCancellations) -> None:
    with pytest.raises(RejectedError, match=f"note cancel request {CANCEL}: Order unknown.*HTTP 404"):
        ask(cancellations, order=OrderId("577086512123755999"))
    with pytest.raises(RejectedError, match=r"Line unknown.*HTTP 422"):
        ask(cancellations, a_request(line_ids=(LineId("99"),)))
    with pytest.raises(RejectedError, match=r"Invalid request.*cancel_id.*HTTP 400"):
        ask(cancellations, a_request(id=CancelId("a b")))
    ask(cancellations)
    with pytest.raises(RejectedError, match=r"Cancel request differs.*HTTP 409"):
        ask(cancellations, a_request(reason="another"))


@pytest.mark.parametrize(
    ("outcome", "decided_by"),
    [
        (Outcome.APPROVED, Decider.OMS),
        (Outcome.REJECTED, Decider.SHOP_RULE),
        (Outcome.WITHDRAWN, Decider.BUYER),
        (Outcome.APPROVED_AUTOMATICALLY, Decider.PLATFORM),
        (Outcome.OVERTAKEN, Decider.SELLER),
    ],
)
def test_an_outcome_is_told_as_often_as_needed(
    world: World, cancellations: OmsCancellations, outcome: Outcome, decided_by: Decider
) -> None:
    ask(cancellations)
    for _ in range(2):
        cancellations.settle_cancel_request(closed(outcome, decided_by, answer_reason=" Too late\n"))
    request = world.simulator.books.cancel_request(CANCEL)
    assert request.times_outcome_told == 2
    assert request.outcome == {
        "outcome": outcome.lower(),
        "decided_by": decided_by.lower(),
        "decided_at": "2025-08-19T14:00:00Z",
        "detail": "Too late",
    }


@pytest.mark.parametrize(("reason", "detail"), [("", None), (" ", None), ("x" * 501, "x" * 500)])
def test_why_is_told_where_somebody_said_it(
    world: World, cancellations: OmsCancellations, reason: str, detail: str | None
) -> None:
    ask(cancellations)
    cancellations.settle_cancel_request(closed(answer_reason=reason))
    outcome = world.simulator.books.cancel_request(CANCEL).outcome
    assert outcome is not None
    assert outcome.get("detail") == detail


def test_an_outcome_never_flips(cancellations: OmsCancellations) -> None:
    ask(cancellations)
    cancellations.settle_cancel_request(closed(Outcome.APPROVED))
    with pytest.raises(RejectedError, match=r"Outcome differs.*HTTP 409"):
        cancellations.settle_cancel_request(closed(Outcome.REJECTED))


def test_the_outcome_of_an_unknown_request_is_refused(cancellations: OmsCancellations) -> None:
    with pytest.raises(RejectedError, match=f"settle cancel request {CANCEL}: Cancel request unknown.*HTTP 404"):
        cancellations.settle_cancel_request(closed())


@pytest.mark.parametrize("request_", [a_request(), closed(None), closed(closed_at=None), closed(Outcome.AT_ONCE)])
def test_what_is_open_or_was_never_asked_has_no_outcome(
    world: World, cancellations: OmsCancellations, request_: Cancellation
) -> None:
    ask(cancellations)
    with pytest.raises(RejectedError, match=r"it is still open|was never asked about"):
        cancellations.settle_cancel_request(request_)
    assert world.simulator.books.requests(path="outcome") == []


def test_decisions_are_read_page_by_page_and_then_only_the_new_ones(
    world: World, cancellations: OmsCancellations
) -> None:
    asked = [CancelId(str(number)) for number in range(5)]
    made = []
    for number, cancel in enumerate(asked):
        ask(cancellations, a_request(id=cancel))
        made.append(world.simulator.decide(cancel, "reject" if number % 2 else "approve", "Packed" if number else None))
    pages = all_pages(cancellations.decisions_after)
    assert [len(page.reported) for page in pages] == [2, 2, 1]
    found = [each for page in pages for each in page.reported]
    assert [(each.id, each.cancel_id) for each in found] == list(zip(made, asked, strict=True))
    assert [each.answer for each in found[:2]] == [Answer.APPROVE, Answer.REJECT]
    assert [(each.said, each.reason, each.decided_at) for each in found[:2]] == [("", "", START), ("", "Packed", START)]
    cursor = pages[-1].next_cursor
    assert cancellations.decisions_after(SHOP.shop, cursor).reported == ()
    world.simulator.repeat_decision(made[0])
    assert cancellations.decisions_after(SHOP.shop, cursor).reported == (found[0],)


def test_a_word_that_is_no_decision_is_read_so_that_it_can_be_refused(
    world: World, cancellations: OmsCancellations
) -> None:
    ask(cancellations)
    entry = {"id": "D-1", "cancel_id": CANCEL, "decision": "maybe", "reason": None, "decided_at": START.isoformat()}
    world.simulator.list_raw_decision(SHOP.shop, entry)
    [decision] = cancellations.decisions_after(SHOP.shop, "").reported
    assert (decision.answer, decision.said) == (None, "maybe")
    for detail in ("first", "Neither approve nor reject: maybe"):
        cancellations.refuse_decision(decision.id, DecisionProblem.UNKNOWN_DECISION, detail)
    [listed] = world.simulator.books.decisions()
    assert listed.told == {"problem": "unknown-decision", "detail": "Neither approve nor reject: maybe"}


def test_a_decision_that_cannot_be_read_stops_no_other_and_can_be_refused(
    world: World, cancellations: OmsCancellations
) -> None:
    ask(cancellations)
    world.simulator.list_raw_decision(SHOP.shop, {"id": "D-1", "decision": "approve"})
    made = world.simulator.decide(CANCEL, "approve")
    page = cancellations.decisions_after(SHOP.shop, "")
    assert [each.id for each in page.reported] == [made]
    [bad] = page.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("D-1", None, True)
    assert bad.reason == "cancel_id: Field required; decided_at: Field required"
    cancellations.refuse_decision(bad.id, DecisionProblem.UNKNOWN_DECISION, bad.reason)
    assert world.simulator.books.decisions()[0].told == {"problem": "unknown-decision", "detail": bad.reason}


def test_the_detail_of_a_refusal_is_never_empty_or_too_long(world: World, cancellations: OmsCancellations) -> None:
    ask(cancellations)
    made, problem = world.simulator.decide(CANCEL, "approve"), DecisionProblem.DECIDED_ALREADY
    for detail, told in (("x" * 501, "x" * 500), ("", problem.value)):
        cancellations.refuse_decision(made, problem, detail)
        [listed] = world.simulator.books.decisions()
        assert listed.told == {"problem": problem.value, "detail": told}


def test_an_unknown_decision_cannot_be_refused(cancellations: OmsCancellations) -> None:
    with pytest.raises(RejectedError, match=r"refuse decision D-9: Decision unknown.*HTTP 404"):
        cancellations.refuse_decision("D-9", DecisionProblem.DECIDED_ALREADY, "late")


def test_cancellations_are_read_page_by_page_and_then_only_the_new_ones(
    world: World, cancellations: OmsCancellations
) -> None:
    made = [world.simulator.cancel_order(OURS, reason=reason) for reason in SellerReason]
    made.append(world.simulator.cancel_order(OURS, [LINES[1]], reason="wrong_price"))
    pages = all_pages(cancellations.cancellations_after)
    assert [len(page.reported) for page in pages] == [2, 2, 1]
    found = [each for page in pages for each in page.reported]
    assert {order for order, _ in found} == {OURS}
    assert [each.id for _, each in found] == [f"oms-{cancellation}" for cancellation in made]
    assert [each.reason for _, each in found] == [*SellerReason, SellerReason.WRONG_PRICE]
    assert found[0][1] == ReportedCancellation(
        id=f"oms-{made[0]}", source=Source.OMS, reason=SellerReason.OUT_OF_STOCK, requested_at=START
    )
    assert found[-1][1].line_ids == (LINES[1],)
    cursor = pages[-1].next_cursor
    assert cancellations.cancellations_after(SHOP.shop, cursor).reported == ()
    world.simulator.repeat_cancellation(made[0])
    assert cancellations.cancellations_after(SHOP.shop, cursor).reported == (found[0],)


def test_a_reason_that_nobody_knows_is_told_with_its_order_and_can_be_refused(
    world: World, cancellations: OmsCancellations
) -> None:
    entry = {"id": "C-1", "tiktok_order_id": OURS, "lines": None, "cancelled_at": START.isoformat()}
    world.simulator.list_raw_cancellation(SHOP.shop, entry | {"reason": "canary"})
    made = world.simulator.cancel_order(OURS)
    page = cancellations.cancellations_after(SHOP.shop, "")
    assert [each.id for _, each in page.reported] == [f"oms-{made}"]
    [bad] = page.unreadable
    assert (bad.id, bad.order, bad.can_be_told) == ("C-1", OURS, True)
    assert bad.reason.startswith("reason: ")
    assert "canary" not in bad.reason
    cancellations.settle_cancellation(bad.id, refused=bad.reason)
    told = world.simulator.books.seller_cancellations()[0].told
    assert told == {"outcome": "refused", "reason": bad.reason}


def test_an_accepted_cancellation_is_told_once_and_stays_so(world: World, cancellations: OmsCancellations) -> None:
    made = world.simulator.cancel_order(OURS, [LINES[0]])
    for _ in range(2):
        cancellations.settle_cancellation(made)
    assert world.simulator.books.seller_cancellations()[0].told == {"outcome": "accepted"}
    assert [line.state for line in world.simulator.books.order(OURS).lines] == ["cancelled", "open"]
    with pytest.raises(RejectedError, match=f"settle cancellation {made}: Outcome differs.*HTTP 409"):
        cancellations.settle_cancellation(made, refused="TikTok Shop does not allow it")


def test_a_refused_cancellation_is_told_with_the_reason(world: World, cancellations: OmsCancellations) -> None:
    made = world.simulator.cancel_order(OURS)
    for _ in range(2):
        cancellations.settle_cancellation(made, refused="x" * 501)
    assert world.simulator.books.seller_cancellations()[0].told == {"outcome": "refused", "reason": "x" * 500}
    world.simulator.ship(OURS, "usps", None, "94001")
    assert world.simulator.books.order(OURS).state == "shipped"


def test_an_unknown_cancellation_has_no_outcome(cancellations: OmsCancellations) -> None:
    with pytest.raises(RejectedError, match=r"settle cancellation C-9: Cancellation unknown.*HTTP 404"):
        cancellations.settle_cancellation("C-9")


def test_another_shop_sees_none_of_it(world: World, cancellations: OmsCancellations) -> None:
    ask(cancellations)
    world.simulator.decide(CANCEL, "approve")
    world.simulator.cancel_order(OURS)
    other = ShopId("7000")
    assert cancellations.decisions_after(other, "").reported == ()
    assert cancellations.cancellations_after(other, "").reported == ()


def test_a_cursor_of_another_list_is_refused(cancellations: OmsCancellations) -> None:
    cursor = cancellations.decisions_after(SHOP.shop, "").next_cursor
    with pytest.raises(RejectedError, match="list cancellations: Invalid request; The cursor is unknown"):
        cancellations.cancellations_after(SHOP.shop, cursor)
    cursor = cancellations.cancellations_after(SHOP.shop, "").next_cursor
    with pytest.raises(RejectedError, match="list decisions: Invalid request; The cursor is unknown"):
        cancellations.decisions_after(SHOP.shop, cursor)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.UNAVAILABLE, Fault.SERVER_ERROR])
def test_after_an_unknown_outcome_each_write_is_simply_made_again(world: World, oms: RestOms, fault: Fault) -> None:
    take(oms, a_purchase(a_line(1), a_line(2)))
    ask(oms.cancellations)
    decision = world.simulator.decide(CANCEL, "approve")
    cancellation = world.simulator.cancel_order(OURS)
    writes: dict[str, Callable[[], None]] = {
        f"/cancel-requests/{CANCEL}": lambda: ask(oms.cancellations),
        f"/cancel-requests/{CANCEL}/outcome": lambda: oms.cancellations.settle_cancel_request(closed()),
        "/refusal": lambda: oms.cancellations.refuse_decision(decision, DecisionProblem.DECIDED_ALREADY, "late"),
        f"/{cancellation}/outcome": lambda: oms.cancellations.settle_cancellation(cancellation),
    }
    for path, write in writes.items():
        world.simulator.faults.add(fault, path)
        with pytest.raises(OutcomeUnknownError):
            write()
        write()
    assert world.simulator.books.unsettled() == []


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_write_that_did_nothing_can_be_made_later(
    world: World, cancellations: OmsCancellations, fault: Fault
) -> None:
    world.simulator.faults.add(fault, "/cancel-requests/")
    with pytest.raises(RetriableError) as caught:
        ask(cancellations)
    assert not isinstance(caught.value, OutcomeUnknownError)
    assert world.simulator.books.cancel_requests() == []


def test_the_lists_are_read_again_after_passing_faults(world: World, cancellations: OmsCancellations) -> None:
    for path, read in (
        ("/cancel-request-decisions", cancellations.decisions_after),
        ("/seller-cancellations", cancellations.cancellations_after),
    ):
        world.slept.clear()
        world.simulator.faults.add(Fault.UNAVAILABLE, path, times=2)
        assert read(SHOP.shop, "").reported == ()
        assert world.slept == [1.0, 2.0]


def test_a_wrong_token_opens_no_cancellation(world: World) -> None:
    with pytest.raises(RejectedError, match="list decisions: the OMS refused our token"):
        world.client("wrong").cancellations.decisions_after(SHOP.shop, "")
    assert world.client(TOKEN).cancellations.decisions_after(SHOP.shop, "").reported == ()


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid-request"), (409, "outcome-differs"), (422, "line-unknown")]
)
def test_what_the_oms_says_against_it_is_told_to_a_person(world: World, status: int, kind: str) -> None:
    cancellations = refusing(world, status, kind, "we would rather not").cancellations
    writes: list[Callable[[], None]] = [
        lambda: ask(cancellations),
        lambda: cancellations.settle_cancel_request(closed()),
        lambda: cancellations.refuse_decision("D-1", DecisionProblem.UNKNOWN_DECISION, "maybe"),
        lambda: cancellations.settle_cancellation("C-1"),
    ]
    for write in writes:
        with pytest.raises(RejectedError, match=f"{kind}; we would rather not.*HTTP {status}"):
            write()
