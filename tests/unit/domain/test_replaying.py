"""Which failed entries an operator means."""

from dataclasses import replace

import pytest

from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.outbox import Action, EntryState, Target, tell
from order_sync.domain.replaying import FailuresMeant, reason_in_general
from tests.builders import NOON

ORDER = OrderId("576461413038785752")
FAILED = replace(
    tell(Target.OMS, Action.CREATE_ORDER, ShopId("1"), ORDER, now=NOON),
    state=EntryState.FAILED,
    reason=f"OMS: take order {ORDER}: Sku unknown",
)


@pytest.mark.parametrize(
    ("meant", "is_meant"),
    [
        (FailuresMeant(), True),
        (FailuresMeant(reason=FAILED.reason), True),
        (FailuresMeant(reason=f"oms: take order {ORDER}"), True),
        (FailuresMeant(reason="OMS: take order …: Sku"), True),
        (FailuresMeant(reason="Sku unknown"), False),
        (FailuresMeant(target=Target.OMS, action=Action.CREATE_ORDER), True),
        (FailuresMeant(target=Target.OMS, action=Action.SHIP), False),
        (FailuresMeant(target=Target.TIKTOK_SHOP), False),
    ],
)
def test_what_is_said_of_a_failure_holds_for_it_or_not(meant: FailuresMeant, is_meant: bool) -> None:  # noqa: FBT001
    assert meant.means(FAILED) is is_meant


@pytest.mark.parametrize("state", sorted(set(EntryState) - {EntryState.FAILED}))
def test_what_has_not_failed_is_never_meant(state: EntryState) -> None:
    assert not FailuresMeant().means(replace(FAILED, state=state))


def test_the_same_reason_reads_the_same_for_each_order_and_subject() -> None:
    other = replace(FAILED, order=OrderId("42424242"), reason="OMS: take order 42424242: Sku unknown")
    assert reason_in_general(FAILED) == reason_in_general(other) == "OMS: take order …: Sku unknown"
    parcel = replace(FAILED, subject="oms-S1", reason="parcel oms-S1 of the order is refused")
    assert reason_in_general(parcel) == "parcel … of the order is refused"
