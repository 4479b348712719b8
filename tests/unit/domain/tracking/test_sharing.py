"""One tracking number on several orders: which of them goes first, and which do not count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from order_sync.domain.ids import OrderId
from order_sync.domain.records import OrderRecord
from order_sync.domain.telling import decide_not_told, decide_replay
from order_sync.domain.tracking.sharing import Claim, claim_to
from tests.builders import LINE_1, LINE_2, NOON, ORDER_ID, applied, handed_over, seen, some_facts, some_lines
from tests.unit.domain.shipping.scenes import (
    CHANGED,
    CORRECT,
    REPORTED,
    S2,
    SHIP,
    TOLD,
    A,
    B,
    C,
    at_tiktok,
    corrected,
    entry,
    everybody_told,
    failed,
    heard,
    in_doubt,
    looked,
    report,
    sending,
    waiting,
)


def a_claim(*, at_tiktok: bool = False, hours: float = 0, order: str = "1", recipient: str = "f1") -> Claim:
    return Claim(at_tiktok=at_tiktok, since=NOON + timedelta(hours=hours), order=order, recipient=recipient)


# --- who goes first


def test_the_order_that_tiktok_has_goes_before_one_that_was_reported_earlier() -> None:
    there, earlier = a_claim(at_tiktok=True, hours=9, order="9"), a_claim(hours=1)
    assert there.goes_before(earlier)
    assert not earlier.goes_before(there)


@pytest.mark.parametrize("there", [False, True])
def test_of_two_alike_the_earlier_goes_first(*, there: bool) -> None:
    first, second = a_claim(at_tiktok=there, hours=1, order="9"), a_claim(at_tiktok=there, hours=2, order="1")
    assert first.goes_before(second)
    assert not second.goes_before(first)


def test_of_two_at_the_same_moment_the_lower_number_goes_first() -> None:
    assert a_claim(order="1").goes_before(a_claim(order="2"))
    assert not a_claim(order="2").goes_before(a_claim(order="1"))


def test_of_any_orders_exactly_one_yields_to_none() -> None:
    claims = [
        a_claim(at_tiktok=there, hours=at, order=name) for there in (False, True) for at in (0, 1) for name in "12"
    ]
    for some in permutations(claims, 3):
        first = [each for each in some if not any(other.goes_before(each) for other in some)]
        assert len(first) == 1
        assert not first[0].goes_before(first[0])


# --- what counts


def test_a_parcel_that_waits_claims_its_number_since_it_was_reported() -> None:
    assert claim_to(waiting(), A) == Claim(at_tiktok=False, since=REPORTED, order=ORDER_ID, recipient="f1")


def test_a_parcel_at_tiktok_claims_its_number_since_it_is_there() -> None:
    assert claim_to(everybody_told(), A) == Claim(at_tiktok=True, since=TOLD, order=ORDER_ID, recipient="f1")


def test_a_number_that_no_parcel_of_the_order_has_is_not_claimed() -> None:
    assert claim_to(waiting(), B) is None
    assert claim_to(handed_over(), A) is None
    assert claim_to(handed_over(), "") is None


def under_way() -> OrderRecord:
    return sending(waiting(), entry(waiting(), SHIP))


def doubtful() -> OrderRecord:
    return in_doubt(waiting(), entry(waiting(), SHIP))


@pytest.mark.parametrize("before", [under_way, doubtful])
def test_a_parcel_that_is_being_told_claims_its_number(before: Callable[[], OrderRecord]) -> None:
    claim = claim_to(before(), A)
    assert claim is not None
    assert (claim.at_tiktok, claim.since) == (False, REPORTED)


def stopped() -> OrderRecord:
    return failed(waiting(), entry(waiting(), SHIP))


def cancelled() -> OrderRecord:
    return seen(some_facts("CANCELLED", updated_at=TOLD), waiting(), at=TOLD)


def cancelled_at_tiktok() -> OrderRecord:
    return seen(some_facts("CANCELLED", updated_at=CHANGED), everybody_told(), at=CHANGED)


def refused() -> OrderRecord:
    return heard(handed_over(), report(A, units=(("CAP", 1),)))


def shipped_otherwise() -> OrderRecord:
    return looked(waiting(), "9400X", at=TOLD)


def not_told() -> OrderRecord:
    record = waiting()
    return applied(record, decide_not_told(record, entry(record, SHIP), TOLD, reason="all lines were cancelled"))


NOT_COUNTED = [stopped, cancelled, cancelled_at_tiktok, refused, shipped_otherwise, not_told]


@pytest.mark.parametrize("before", NOT_COUNTED)
def test_what_does_not_go_out_holds_up_no_other_order(before: Callable[[], OrderRecord]) -> None:
    assert claim_to(before(), A) is None


def test_what_failed_claims_its_number_again_when_it_is_sent_again_and_keeps_its_place() -> None:
    record = stopped()
    assert claim_to(applied(record, decide_replay(record, CHANGED)), A) == claim_to(waiting(), A)


def test_a_parcel_of_which_a_part_was_cancelled_still_claims_its_number() -> None:
    one, two = some_lines()
    facts = some_facts(updated_at=CHANGED, lines=(replace(one, canceled=True), two))
    assert claim_to(seen(facts, waiting(), at=CHANGED), A) is not None


def test_another_parcel_of_the_order_claims_its_own_number() -> None:
    record = heard(handed_over(), report(A, line_ids=(LINE_1,)), at=REPORTED)
    record = heard(record, report(B, id=S2, line_ids=(LINE_2,)), at=TOLD)
    claims = [claim_to(record, number) for number in (A, B)]
    assert [claim and claim.since for claim in claims] == [REPORTED, TOLD]


# --- corrections


def test_a_correction_claims_the_new_number_since_it_was_reported_and_the_old_one_stays_at_tiktok() -> None:
    record = heard(everybody_told(), report(B))
    old, new = claim_to(record, A), claim_to(record, B)
    assert old is not None
    assert new is not None
    assert (old.at_tiktok, old.since) == (True, TOLD)
    assert (new.at_tiktok, new.since) == (False, CHANGED)


def test_a_correction_that_tiktok_took_gives_the_old_number_back() -> None:
    record = corrected(heard(everybody_told(), report(B)))
    new = claim_to(record, B)
    assert claim_to(record, A) is None
    assert new is not None
    assert (new.at_tiktok, new.since) == (True, TOLD)


def test_a_correction_that_failed_claims_nothing() -> None:
    record = heard(everybody_told(), report(B))
    record = failed(record, entry(record, CORRECT))
    assert claim_to(record, B) is None
    assert claim_to(record, A) is not None


def test_a_replaced_number_that_nobody_was_told_of_is_given_back() -> None:
    record = heard(waiting(), report(B))
    assert claim_to(record, A) is None
    assert claim_to(record, B) is not None


def test_a_superseded_correction_claims_nothing() -> None:
    assert claim_to(heard(everybody_told(), report(B), report(C)), B) is None


@pytest.mark.parametrize("before", [under_way, doubtful])
def test_a_number_that_may_be_at_tiktok_any_moment_counts_though_it_was_corrected_meanwhile(
    before: Callable[[], OrderRecord],
) -> None:
    record = heard(before(), report(B))
    claims = [claim_to(record, number) for number in (A, B)]
    assert [claim and claim.since for claim in claims] == [REPORTED, REPORTED]


def test_a_claim_names_its_order() -> None:
    record = waiting()
    record = replace(record, order=replace(record.order, id=OrderId("9"), recipient=""))
    claim = claim_to(record, A)
    assert claim is not None
    assert (claim.order, claim.recipient) == ("9", "")


def test_a_parcel_that_tiktok_took_with_a_part_of_the_order_counts_as_there() -> None:
    record = heard(handed_over(), report(A, line_ids=(LINE_1,)), at=REPORTED)
    claim = claim_to(at_tiktok(record), A)
    assert claim is not None
    assert claim.at_tiktok
