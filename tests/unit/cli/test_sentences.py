"""The timeline in words: every kind of event has a sentence, and no detail of one is lost."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cli.sentences import SENTENCES, sentence_of
from cli.words import ACTION_WORDS, STATE_WORDS, WHO, entry_words
from order_sync.domain.orders import Source
from order_sync.domain.outbox import Action
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event, TimelineEntry

ZONE = ZoneInfo("America/Los_Angeles")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def said(event: Event, **detail: str) -> str:
    return sentence_of(TimelineEntry(at=NOON, event=event, source=Source.TIKTOK_SHOP, detail=detail), ZONE)


@pytest.mark.parametrize("event", Event)
def test_every_event_has_a_sentence_that_stands_without_its_details(event: Event) -> None:
    words = said(event)
    assert re.fullmatch(r"[A-Z][^\[\]{}?]+\.", words)
    assert "  " not in words


@pytest.mark.parametrize("event", Event)
def test_every_detail_of_an_event_is_told(event: Event) -> None:
    names = set(re.findall(r"\{(\w+)(?::\w+)?\}", SENTENCES[event])) - {"source"}
    detail = {name: f"value-of-{name.replace('_', '-')}" for name in names} | {"new_detail": "value-of-the-new"}
    words = said(event, **detail).lower()
    assert [text for text in detail.values() if text.lower() not in words] == []


def test_no_two_events_are_told_alike() -> None:
    assert len({said(event) for event in Event}) == len(Event)


def test_moments_are_told_where_the_shop_is() -> None:
    assert said(Event.HELD, until="2026-06-01T13:00:00+00:00") == (
        "Held until Mon 2026-06-01 06:00:00 PDT, so that the buyer can cancel."
    )


def test_what_was_told_is_told_in_words() -> None:
    assert said(Event.TOLD, told="SHIP", subject="oms-1") == "TikTok Shop was told: ship a parcel oms-1."
    assert said(Event.TOLD, told="SET_REFERENCE", subject="order") == (
        "TikTok Shop was told: give the order's other numbers."
    )


def test_what_the_late_dispatch_rate_makes_of_it_stands_behind_what_decided_it() -> None:
    words = said(Event.COLLECTED, counts_as="late_canceled", deadline="2026-06-01T13:00:00+00:00", under="us-2026-01")
    assert words == (
        "Collected by the carrier; the Late Dispatch Rate counts it as late canceled, "
        "deadline Mon 2026-06-01 06:00:00 PDT under us-2026-01."
    )


def test_every_action_state_and_side_has_words() -> None:
    assert set(ACTION_WORDS) == set(Action)
    assert set(STATE_WORDS) == set(OrderState)
    assert set(WHO) == set(Source)


def test_what_an_entry_waits_for_is_told_in_words() -> None:
    assert entry_words("CHANNELADVISOR#CREATE_ORDER#order#1") == "ChannelAdvisor: create the order"
    assert entry_words("TIKTOK_SHOP#SHIP#oms-7#2") == "TikTok Shop: ship a parcel oms-7"
    assert entry_words("CANCEL_REQUEST#4035") == "the end of cancel request 4035"
    assert entry_words("something else") == "something else"
