"""What a decision about a parcel says and does, word for word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts, decide_channeladvisor_sighting
from order_sync.domain.ids import LineId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.shipping.corrections import decide_corrected, why_not_correctable
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shipping.reports import decide_reported_parcel
from order_sync.domain.shipping.telling import decide_shipped_at_tiktok
from order_sync.domain.telling import decide_failed
from tests.builders import LINE_1, LINE_2, ORDER_ID, TIMING, a_shop, applied, handed_over, minutes, some_lines
from tests.unit.domain.in_words import in_words
from tests.unit.domain.shipping.scenes import (
    CHANGED,
    CHANNELADVISOR,
    CORRECT,
    S1,
    S2,
    SHIP,
    SKU,
    TOLD,
    A,
    B,
    C,
    at_tiktok,
    entry,
    everybody_told,
    heard,
    in_channeladvisor,
    in_doubt,
    label,
    lines_at_tiktok,
    look,
    looked,
    report,
    sending,
    the_parcel,
    waiting,
)

SHOP = a_shop()
LATER = CHANGED + timedelta(hours=1)


def reported(record: OrderRecord, *reports: ReportedParcel) -> Change | None:
    """What the last of these reports decides."""
    return decide_reported_parcel(heard(record, *reports[:-1]), reports[-1], SHOP, TIMING, CHANGED)


def in_channeladvisor_now(record: OrderRecord, *parcels: ReportedParcel) -> Change | None:
    """What it decides that ChannelAdvisor shows these parcels in its newest version."""
    facts = ChannelAdvisorFacts(
        id="12345",
        order=ORDER_ID,
        updated_at=LATER,
        shipping_status=record.order.channeladvisor_status,
        parcels=tuple(replace(each, seen_at=LATER) for each in parcels),
    )
    return decide_channeladvisor_sighting(record, facts, SHOP, TIMING, LATER)


def shown_in_channeladvisor(*parcels: ReportedParcel) -> OrderRecord:
    record = handed_over()
    return heard(record, *(replace(each, seen_at=CHANGED) for each in parcels))


def test_a_parcel_is_noted_as_it_was_reported_and_told_to_those_who_have_not_reported_it() -> None:
    assert in_words(reported(handed_over(), report()), handed_over()) == [
        "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400A, carrier=usps",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, tracking_number 9400A, shipped_at 06-01 15:00:00, "
            "line_ids line-1 line-2"
        ),
    ]
    assert in_words(reported(handed_over(), in_channeladvisor()), handed_over()) == [
        (
            "PARCEL_REPORTED by CHANNELADVISOR at 06-01 15:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400A, carrier=usps"
        ),
        "TIKTOK_SHOP SHIP channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "OMS NOTE_PARCEL channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel channeladvisor-88: source CHANNELADVISOR, carrier usps, tracking_number 9400A, shipped_at"
            " 06-01 15:00:00, line_ids line-1 line-2, counted True"
        ),
    ]
    assert in_words(reported(handed_over(), report(line_ids=(LINE_2,), shipping_class="Priority")), handed_over()) == [
        "PARCEL_REPORTED by OMS at 06-01 15:00:00: parcel=oms-S1, tracking_number=9400A, carrier=usps",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        (
            "Parcel oms-S1: source OMS, carrier usps, shipping_class Priority, tracking_number 9400A, "
            "shipped_at 06-01 15:00:00, line_ids line-2"
        ),
    ]


def test_a_parcel_that_cannot_be_right_is_refused_with_the_reason() -> None:
    record = waiting(report(line_ids=(LINE_1,)))
    both = heard(record, report(B, id=S2, line_ids=(LINE_2,)))
    assert in_words(reported(record, report(B, id=S2, line_ids=(LINE_1, LineId("9")))), record) == [
        (
            "FAILED by OMS at 06-01 15:00:00: parcel=oms-S2, tracking_number=9400B, reason=lines line-1, 9 "
            "are not open lines of this order"
        ),
        (
            "Parcel oms-S2: source OMS, carrier usps, tracking_number 9400B, shipped_at 06-01 15:00:00, "
            "line_ids none, refused lines line-1, 9 are not open lines of this order"
        ),
    ]
    assert in_words(reported(record, report(B, id=S2, units=((SKU, 2), ("CAP", 1)))), record) == [
        (
            "FAILED by OMS at 06-01 15:00:00: parcel=oms-S2, tracking_number=9400B, reason=more units than "
            "are open in this order: 1 of 'TEE-BLU-M', 1 of 'CAP'"
        ),
        (
            "Parcel oms-S2: source OMS, carrier usps, tracking_number 9400B, shipped_at 06-01 15:00:00, "
            "line_ids none, counted True, refused more units than are open in this order: 1 of 'TEE-BLU-M', 1"
            " of 'CAP'"
        ),
    ]
    assert in_words(reported(both, report(C, id=S1, line_ids=(LINE_2,))), both) == [
        ("PARCEL_CORRECTED by OMS at 06-01 15:00:00: parcel=oms-S1, before=9400A, tracking_number=9400C, carrier=usps"),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "Parcel oms-S1: tracking_number 9400C, earlier (carrier usps, tracking_number 9400A)",
    ]


def test_a_parcel_that_both_sides_report_is_told_once() -> None:
    record = waiting(in_channeladvisor())
    assert in_words(reported(record, report(A, id=S2)), record) == [
        "NOT_TOLD by OMS: told=NOTE_PARCEL, subject=channeladvisor-88, reason=the same parcel is there already",
        "OMS NOTE_PARCEL channeladvisor-88 1: DONE",
        "Parcel channeladvisor-88: other_ids oms-S2",
    ]
    assert in_words(reported(waiting(), in_channeladvisor()), waiting()) == [
        "NOT_TOLD by CHANNELADVISOR: told=SHIP, subject=oms-S1, reason=the same parcel is there already",
        "CHANNELADVISOR SHIP oms-S1 1: DONE",
        "Parcel oms-S1: other_ids channeladvisor-88",
    ]


def test_a_parcel_under_another_id_keeps_its_number() -> None:
    record = waiting()
    assert in_words(reported(record, report(A, id=S2)), record) == ["Parcel oms-S1: other_ids oms-S2"]
    assert in_words(reported(record, report(A, id=S2, carrier="ups")), record) == [
        "Parcel oms-S1: earlier (carrier ups, tracking_number 9400A), other_ids oms-S2"
    ]
    assert in_words(reported(record, report(B)), record) == [
        ("PARCEL_CORRECTED by OMS at 06-01 15:00:00: parcel=oms-S1, before=9400A, tracking_number=9400B, carrier=usps"),
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 18:00:00",
        "Parcel oms-S1: tracking_number 9400B, earlier (carrier usps, tracking_number 9400A)",
    ]


def test_a_parcel_that_grows_is_told_with_all_that_it_holds() -> None:
    record = waiting(report(line_ids=(LINE_1,)))
    assert in_words(reported(record, report(line_ids=(LINE_1, LINE_2))), record) == [
        "PARCEL_EXTENDED by OMS at 06-01 15:00:00: parcel=oms-S1, lines=line-2",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 16:00:00",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 16:00:00",
        "Parcel oms-S1: line_ids line-1 line-2",
    ]
    assert in_words(reported(record, report(units=((SKU, 2),))), record) == []


def test_what_tiktok_shop_took_is_noted_with_its_package() -> None:
    record = waiting()
    shipping = entry(record, SHIP)
    assert in_words(decide_shipped_at_tiktok(record, shipping, "P1", "", TOLD), record) == [
        "PARCEL_AT_TIKTOK by TIKTOK_SHOP: parcel=oms-S1, package=P1",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE",
        "order: state SHIPPED",
        "Parcel oms-S1: package_id P1, at_tiktok_since 06-01 17:00:00",
    ]
    assert in_words(
        decide_shipped_at_tiktok(record, shipping, "P1", "no such carrier", TOLD, carrier="USPS"), record
    ) == [
        "PARCEL_AT_TIKTOK by TIKTOK_SHOP: parcel=oms-S1, package=P1, warning=no such carrier",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE",
        "TIKTOK_SHOP CHECK_PARCEL oms-S1 1: WAITING, due 06-01 17:05:00",
        "order: state SHIPPED",
        ("Parcel oms-S1: package_id P1, at_tiktok_since 06-01 17:00:00, tiktok_carrier USPS, warning no such carrier"),
    ]
    assert in_words(decide_shipped_at_tiktok(record, shipping, "P1", "", TOLD, told=label(B)), record) == [
        "PARCEL_AT_TIKTOK by TIKTOK_SHOP: parcel=oms-S1, package=P1",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE",
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 17:00:00",
        "order: state SHIPPED",
        (
            "Parcel oms-S1: tracking_number 9400B, package_id P1, at_tiktok_since 06-01 17:00:00, wanted "
            "(carrier usps, tracking_number 9400A), earlier (carrier usps, tracking_number 9400A)"
        ),
    ]


def test_a_label_that_changes_before_tiktok_answers_is_told_as_a_correction() -> None:
    record = waiting()
    meanwhile = heard(sending(record, entry(record, SHIP)), report(B))
    assert in_words(
        decide_shipped_at_tiktok(meanwhile, entry(meanwhile, SHIP), "P1", "", LATER, told=label(A)), meanwhile
    ) == [
        "PARCEL_AT_TIKTOK by TIKTOK_SHOP: parcel=oms-S1, package=P1",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE, attempts 1",
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 19:00:00",
        "order: state SHIPPED",
        "Parcel oms-S1: package_id P1, at_tiktok_since 06-01 19:00:00",
    ]


def test_a_label_that_changes_after_tiktok_took_it_is_told_as_a_correction() -> None:
    assert in_words(reported(everybody_told(), report(B)), everybody_told()) == [
        ("PARCEL_CORRECTED by OMS at 06-01 15:00:00: parcel=oms-S1, before=9400A, tracking_number=9400B, carrier=usps"),
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 18:00:00",
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 18:00:00",
        "Parcel oms-S1: wanted (carrier usps, tracking_number 9400B)",
    ]


def test_tiktok_shop_takes_another_label() -> None:
    record = heard(everybody_told(), report(B, carrier="ups"))
    correcting = entry(record, CORRECT)
    assert in_words(
        decide_corrected(record, correcting, label(B, "ups"), LATER, carrier="UPS", doubts="no UPS number"), record
    ) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400B, carrier=ups, doubts=no UPS number"
        ),
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        (
            "Parcel oms-S1: carrier ups, tracking_number 9400B, tiktok_carrier UPS, wanted None, earlier "
            "(carrier usps, tracking_number 9400A), shown_before (carrier , tracking_number 9400A), "
            "corrections 1"
        ),
    ]
    assert in_words(decide_corrected(record, correcting, label(B, "ups"), LATER), record) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400B, carrier=ups"
        ),
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        (
            "Parcel oms-S1: carrier ups, tracking_number 9400B, wanted None, earlier (carrier usps, "
            "tracking_number 9400A), shown_before (carrier , tracking_number 9400A), corrections 1"
        ),
    ]
    assert in_words(
        decide_corrected(record, correcting, label(A, "ups"), LATER, carrier="UPS", was_told=False), record
    ) == [
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        "Parcel oms-S1: carrier ups, tiktok_carrier UPS, earlier (carrier usps, tracking_number 9400A)",
    ]
    assert in_words(decide_corrected(record, correcting, label(A), LATER, was_told=False), record) == [
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE"
    ]
    assert in_words(
        decide_corrected(record, correcting, label(B, "ups"), LATER, carrier="UPS", was_told=False), record
    ) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400B, carrier=ups"
        ),
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        (
            "Parcel oms-S1: carrier ups, tracking_number 9400B, tiktok_carrier UPS, wanted None, earlier "
            "(carrier usps, tracking_number 9400A), shown_before (carrier , tracking_number 9400A), "
            "corrections 1"
        ),
    ]


def test_a_refused_label_is_followed_by_a_newer_one() -> None:
    sent = heard(sending(waiting(), entry(waiting(), SHIP)), report(B))
    unsure = heard(in_doubt(waiting(), entry(waiting(), SHIP)), report(B))
    correcting = heard(everybody_told(), report(B))
    newer = heard(sending(correcting, entry(correcting, CORRECT)), report(C))
    there = heard(sending(waiting(), entry(waiting(), SHIP, CHANNELADVISOR)), report(B))
    assert in_words(decide_failed(sent, entry(sent, SHIP), LATER, reason="no number of usps"), sent) == [
        "FAILED by TIKTOK_SHOP: target=TIKTOK_SHOP, told=SHIP, subject=oms-S1, reason=no number of usps",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 19:00:00",
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        "Parcel oms-S1: tracking_number 9400B, wanted None, earlier (carrier usps, tracking_number 9400A)",
    ]
    assert in_words(decide_failed(unsure, entry(unsure, SHIP), LATER, reason="no number of usps"), unsure) == [
        "FAILED by TIKTOK_SHOP: target=TIKTOK_SHOP, told=SHIP, subject=oms-S1, reason=no number of usps",
        "TIKTOK_SHOP SHIP oms-S1 1: WAITING, due 06-01 19:00:00, in doubt",
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 1: DONE",
        "Parcel oms-S1: tracking_number 9400B, wanted None, earlier (carrier usps, tracking_number 9400A)",
    ]
    assert in_words(decide_failed(newer, entry(newer, CORRECT), LATER, reason="too late"), newer) == [
        "FAILED by TIKTOK_SHOP: target=TIKTOK_SHOP, told=CORRECT_PARCEL, subject=oms-S1, reason=too late",
        "TIKTOK_SHOP CORRECT_PARCEL oms-S1 2: FAILED, failed 06-01 19:00:00, too late",
    ]
    assert in_words(
        decide_failed(there, entry(there, SHIP, CHANNELADVISOR), LATER, reason="no such carrier"), there
    ) == [
        "FAILED by CHANNELADVISOR: target=CHANNELADVISOR, told=SHIP, subject=oms-S1, reason=no such carrier",
        "CHANNELADVISOR SHIP oms-S1 1: WAITING, due 06-01 19:00:00",
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: DONE",
    ]
    assert in_words(
        decide_failed(there, entry(there, SHIP, CHANNELADVISOR), LATER, reason="half done", in_doubt=True), there
    ) == [
        "FAILED by CHANNELADVISOR: target=CHANNELADVISOR, told=SHIP, subject=oms-S1, reason=half done",
        "CHANNELADVISOR SHIP oms-S1 1: FAILED, attempts 1, in doubt, failed 06-01 19:00:00, half done",
    ]


def test_a_label_that_was_changed_by_hand_is_kept_in_known_words_where_they_are_known() -> None:
    record = everybody_told()
    assert in_words(look(record, *lines_at_tiktok(B)), record) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 18:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400B, carrier=usps"
        ),
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 18:00:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 18:00:00",
        "order: tiktok_status AWAITING_COLLECTION, updated_at 06-01 18:00:00",
        (
            "Parcel oms-S1: tracking_number 9400B, tiktok_carrier USPS, earlier (carrier usps, "
            "tracking_number 9400A), shown_before (carrier , tracking_number 9400A), corrections 1"
        ),
    ]
    assert in_words(look(record, *lines_at_tiktok(B, carrier="UPS")), record) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 18:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400B, carrier=usps"
        ),
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 18:00:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 18:00:00",
        "order: tiktok_status AWAITING_COLLECTION, updated_at 06-01 18:00:00",
        (
            "Parcel oms-S1: tracking_number 9400B, tiktok_carrier UPS, earlier (carrier usps, tracking_number"
            " 9400A), shown_before (carrier , tracking_number 9400A), corrections 1"
        ),
    ]
    assert in_words(look(record, *lines_at_tiktok(A, carrier="UPS")), record) == [
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 18:00:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "order: tiktok_status AWAITING_COLLECTION, updated_at 06-01 18:00:00",
        "Parcel oms-S1: tiktok_carrier UPS",
    ]
    assert in_words(look(record, *lines_at_tiktok(A, package="P2")), record) == [
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 18:00:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "order: tiktok_status AWAITING_COLLECTION, updated_at 06-01 18:00:00",
        "Parcel oms-S1: package_id P2",
    ]
    assert in_words(look(looked(record, A), *lines_at_tiktok(A, carrier="UPS"), at=LATER), looked(record, A)) == [
        (
            "PARCEL_CORRECTED_AT_TIKTOK by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, before=9400A, "
            "tracking_number=9400A, carrier=UPS"
        ),
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: WAITING, due 06-01 19:00:00",
        "order: updated_at 06-01 19:00:00",
        (
            "Parcel oms-S1: carrier UPS, in_tiktoks_words True, tiktok_carrier UPS, earlier (carrier usps, "
            "tracking_number 9400A), shown_before (carrier USPS, tracking_number 9400A), corrections 1"
        ),
    ]


def test_what_tiktok_shop_has_shown_before_and_shows_no_more_is_a_late_page() -> None:
    record = looked(everybody_told(), B)
    assert in_words(look(record, *lines_at_tiktok(A), at=LATER), record) == ["order: updated_at 06-01 19:00:00"]


def test_a_parcel_that_its_reporter_shows_no_more_is_withdrawn_or_for_a_person() -> None:
    record = shown_in_channeladvisor(in_channeladvisor())
    gone = at_tiktok(record, in_channeladvisor().id)
    assert in_words(in_channeladvisor_now(record), record) == [
        "PARCEL_DELETED by CHANNELADVISOR at 06-01 19:00:00: parcel=channeladvisor-88, tracking_number=9400A",
        "TIKTOK_SHOP SHIP channeladvisor-88 1: WITHDRAWN, the parcel was deleted where it was reported",
        "OMS NOTE_PARCEL channeladvisor-88 1: WITHDRAWN, the parcel was deleted where it was reported",
        "Parcel channeladvisor-88: refused deleted where it was reported, before TikTok Shop was told",
    ]
    assert in_words(in_channeladvisor_now(gone), gone) == [
        (
            "PARCEL_DELETED by CHANNELADVISOR at 06-01 19:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400A, told=TIKTOK_SHOP"
        ),
        "Parcel channeladvisor-88: seen_at None",
    ]
    assert in_words(in_channeladvisor_now(record, in_channeladvisor()), record) == []
    assert in_words(in_channeladvisor_now(record, in_channeladvisor(units=((SKU, 1),))), record) == [
        (
            "PARCEL_DELETED by CHANNELADVISOR at 06-01 19:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400A, lines=line-2"
        ),
        "TIKTOK_SHOP SHIP channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "OMS NOTE_PARCEL channeladvisor-88 1: WAITING, due 06-01 19:00:00",
        "Parcel channeladvisor-88: line_ids line-1",
    ]
    assert in_words(in_channeladvisor_now(gone, in_channeladvisor(units=((SKU, 1),))), gone) == [
        (
            "PARCEL_DELETED by CHANNELADVISOR at 06-01 19:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400A, lines=line-2, told=TIKTOK_SHOP"
        ),
        "Parcel channeladvisor-88: seen_at None",
    ]


def test_a_deleted_parcel_that_is_there_again_is_told_again() -> None:
    record = shown_in_channeladvisor(in_channeladvisor())
    record = applied(record, in_channeladvisor_now(record))
    assert in_words(reported(record, in_channeladvisor()), record) == [
        (
            "PARCEL_REPORTED by CHANNELADVISOR at 06-01 15:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400A, carrier=usps"
        ),
        "TIKTOK_SHOP SHIP channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "OMS NOTE_PARCEL channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "Parcel channeladvisor-88: refused , other_ids channeladvisor-88, seen_at None",
    ]
    assert in_words(reported(record, in_channeladvisor(B)), record) == [
        (
            "PARCEL_REPORTED by CHANNELADVISOR at 06-01 15:00:00: parcel=channeladvisor-88, "
            "tracking_number=9400B, carrier=usps"
        ),
        "TIKTOK_SHOP SHIP channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "OMS NOTE_PARCEL channeladvisor-88 1: WAITING, due 06-01 18:00:00",
        "Parcel channeladvisor-88: tracking_number 9400B, refused , other_ids channeladvisor-88, seen_at None",
    ]


def test_a_parcel_that_tiktok_shop_shows_under_another_number_of_its_own_is_told_no_more() -> None:
    record = waiting()
    assert in_words(look(record, *lines_at_tiktok(A)), record) == [
        "PARCEL_AT_TIKTOK by TIKTOK_SHOP: parcel=oms-S1",
        "STATUS_CHANGED by TIKTOK_SHOP at 06-01 18:00:00: before=AWAITING_SHIPMENT, after=AWAITING_COLLECTION",
        "TIKTOK_SHOP SHIP oms-S1 1: DONE",
        "order: state SHIPPED, tiktok_status AWAITING_COLLECTION, updated_at 06-01 18:00:00",
        "Parcel oms-S1: package_id P1, at_tiktok_since 06-01 18:00:00, tiktok_carrier USPS",
    ]


def test_a_parcel_of_which_a_line_was_collected_is_scanned_once() -> None:
    collected = tuple(replace(line, collected=True, shipped=True) for line in lines_at_tiktok(A))
    record = everybody_told()
    other = tuple(replace(line, package_id="P9") for line in collected)
    scanned = applied(record, look(record, *collected, at=LATER, status="IN_TRANSIT"))
    assert in_words(look(record, *collected, at=LATER, status="IN_TRANSIT"), record) == [
        (
            "COLLECTED by TIKTOK_SHOP: buyer_notice=shipment notice, counts_as=on_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "PARCEL_SCANNED by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, tracking_number=9400A",
        "order: tiktok_status IN_TRANSIT, updated_at 06-01 19:00:00",
        "Parcel oms-S1: tiktok_carrier USPS, scanned_at 06-01 19:00:00",
    ]
    assert in_words(look(record, *other, at=LATER, status="IN_TRANSIT"), record) == [
        (
            "COLLECTED by TIKTOK_SHOP: buyer_notice=shipment notice, counts_as=on_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "PARCEL_SCANNED by TIKTOK_SHOP at 06-01 19:00:00: parcel=oms-S1, tracking_number=9400A",
        "order: tiktok_status IN_TRANSIT, updated_at 06-01 19:00:00",
        "Parcel oms-S1: package_id P9, scanned_at 06-01 19:00:00",
    ]
    assert in_words(look(scanned, *collected, at=LATER + minutes(1), status="DELIVERED"), scanned) == [
        "DELIVERED by TIKTOK_SHOP: buyer_notice=delivery notice",
        "order: tiktok_status DELIVERED, updated_at 06-01 19:01:00",
    ]


def test_a_partner_that_refuses_a_correction_gets_a_newer_one() -> None:
    record = heard(everybody_told(), report(B))
    both = heard(sending(record, entry(record, CORRECT, CHANNELADVISOR)), report(C))
    assert in_words(
        decide_failed(both, entry(record, CORRECT, CHANNELADVISOR), LATER, reason="no such carrier"), both
    ) == [
        (
            "FAILED by CHANNELADVISOR: target=CHANNELADVISOR, told=CORRECT_PARCEL, subject=oms-S1, reason=no "
            "such carrier"
        ),
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 1: WITHDRAWN, refused, and there is a newer label",
        "CHANNELADVISOR CORRECT_PARCEL oms-S1 2: WAITING, due 06-01 19:00:00",
    ]


def test_what_is_in_transit_is_no_scan_of_each_parcel() -> None:
    record = at_tiktok(waiting(report(line_ids=(LINE_1,))))
    record = at_tiktok(heard(record, report(B, id=S2, line_ids=(LINE_2,))), S2, "P2", CHANGED)
    lines = tuple(
        replace(line, package_id=package, tracking_number=number, carrier="USPS", shipped=True)
        for line, package, number in zip(some_lines(), ("P1", "P2"), (A, B), strict=True)
    )
    assert in_words(look(record, *lines, at=LATER, status="IN_TRANSIT"), record) == [
        (
            "COLLECTED by TIKTOK_SHOP: buyer_notice=shipment notice, counts_as=on_time, "
            "deadline=2026-06-05T06:59:59+00:00, under=guide-2025-08"
        ),
        "order: tiktok_status IN_TRANSIT, updated_at 06-01 19:00:00",
        "Parcel oms-S1: tiktok_carrier USPS",
        "Parcel oms-S2: tiktok_carrier USPS",
    ]


@pytest.mark.parametrize(
    ("taken", "allowed", "says"),
    [
        (0, 0, "takes no other label for a parcel (the shop's setting shipping.tracking_changes: 0), and has taken 0"),
        (1, 1, "takes one other label for a parcel (the shop's setting shipping.tracking_changes: 1), and has taken 1"),
        (3, 3, "takes 3 other labels for a parcel (the shop's setting shipping.tracking_changes: 3), and has taken 3"),
        (1, 3, ""),
    ],
)
def test_why_a_label_cannot_be_changed_is_said_with_the_setting(taken: int, allowed: int, says: str) -> None:
    parcel = replace(the_parcel(everybody_told()), corrections=taken)
    why = why_not_correctable(parcel, LATER, allowed)
    assert why.startswith(f"TikTok Shop {says}: ") if says else why == ""
