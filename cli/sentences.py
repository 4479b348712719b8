"""The timeline in words: one sentence for each kind of event."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cli.words import HANDLING_WORDS, WHO, local, what, who
from order_sync.domain.orders import Handling
from order_sync.domain.statuses import words_for_tiktok
from order_sync.domain.timeline import Event, TimelineEntry

# A part in brackets is left out when one of its details is missing. What no part tells is added behind the sentence.
SENTENCES: Final[Mapping[Event, str]] = {
    Event.SEEN: "Seen at TikTok Shop for the first time[, {status:tiktok}]"
    "[; not pushed: {handling}][; replaces order {replaces}]"
    "[; to be dispatched by {dispatch_by:time}][, else cancelled {cancels_by:time}][ (policy profile {profile})]"
    "[; delivery estimated by {delivery_by:time}]",
    Event.HELD: "Held[ until {until:time}], so that the buyer can cancel",
    Event.HELD_LONGER_THAN_EXPECTED: "TikTok Shop holds it longer than expected"
    "[; the hold should have ended {expected:time}]",
    Event.RELEASED: "Released: ChannelAdvisor and the OMS are to get it",
    Event.STATUS_CHANGED: "TikTok Shop shows another status[: {after:tiktok}][ after {before:tiktok}]",
    Event.UNKNOWN_STATUS: "TikTok Shop shows a status that is not known here[: {status}]",
    Event.TRANSITION_REFUSED: "A step back was not taken[: from {current}][ to {wanted}]",
    Event.HANDLING_CHANGED: "It is no longer pushed[: {handling:handling}][; {reason}]",
    Event.CANCEL_REQUESTED: "The buyer asks to cancel[ (request {cancel_request})][ {lines:units}]"
    "[; reason {reason}][; TikTok Shop approves by itself {respond_by:time}]",
    Event.CANCEL_REQUEST_REMINDER: "Reminder[ {number}] that cancel request[ {cancel_request}] waits for an answer"
    "[ until {respond_by:time}]",
    Event.CANCEL_REQUEST_ANSWERED: "Cancel request[ {cancel_request}] answered[: {answer:lower}][ by {by:decider}]"
    "[; {reason}]",
    Event.CANCEL_REQUEST_LEFT_TO_TIKTOK: "Nobody answered cancel request[ {cancel_request}] in time: it is left to"
    " TikTok Shop[ (rule {rule})]",
    Event.TRACKING_DUE_FOR_REJECTION: "Only a parcel rejects cancel request[ {cancel_request}][: tracking is due"
    " by {due:time}]",
    Event.CANCEL_ANSWER_UNCONFIRMED: "TikTok Shop does not show the answer[ {answer:lower}] to cancel request"
    "[ {cancel_request}]",
    Event.CANCEL_REQUEST_CLOSED: "Cancel request[ {cancel_request}] ended[: {outcome:lower}][, decided by {by:decider}]"
    "[; it overrules the answer {overruled:lower}][; the buyer gets a {buyer_notice}]",
    Event.CANCELLATION_SEEN: "TikTok Shop shows a cancellation[ ({cancellation})][ by {initiator:decider}]"
    "[, {lines:units}][; reason {reason}][; {outcome:lower}][; the buyer gets a {buyer_notice}]",
    Event.SELLER_CANCELLATION_REPORTED: "The seller cancels[ ({cancellation})][ {lines:units}][; reason {reason}]"
    "[; also known as {parts}]",
    Event.SELLER_CANCELLATION_ACCEPTED: "TikTok Shop carried out the seller's cancellation[ {cancellation}]",
    Event.SELLER_CANCELLATION_REFUSED: "The seller's cancellation[ {cancellation}] was refused[: {reason}]",
    Event.SELLER_CANCELLATION_UNCONFIRMED: "TikTok Shop does not show the seller's cancellation[ {cancellation}] yet",
    Event.RECOVERY_NEEDED: "What was cancelled has left: its parcel must come back[ ({tracking_numbers})]",
    Event.RETURN_REQUESTED: "A return was opened[ ({return_id})][ by {initiator:decider}][: {kind:lower}][, {state}]"
    "[, {lines:units}][; reason {reason}][; refund {refund}][; coming back as {tracking_number}]"
    "[; continues return {follows}][; TikTok Shop's status {status}]",
    Event.RETURN_CHANGED: "Return[ {return_id}] stands elsewhere[: {after}][ after {before}][, decided by {by:decider}]"
    "[; question {question:lower}][; it overrules the answer {overruled:lower}][; refund {refund}]"
    "[; coming back as {tracking_number}][; TikTok Shop's status {status}]",
    Event.RETURN_QUESTION_OPENED: "TikTok Shop asks about return[ {return_id}][: {question:lower}]"
    "[; it decides by itself {respond_by:time}]",
    Event.RETURN_ANSWERED: "The question[ {question:lower}] about return[ {return_id}] was answered[: {answer:lower}]"
    "[ by {by:decider}][; {reason}]",
    Event.RETURN_ANSWER_NOT_TAKEN: "TikTok Shop does not take the answer[ {answer:lower}] to[ {question:lower}] about"
    " return[ {return_id}][: {reason}]",
    Event.RETURN_REMINDER: "Reminder[ {number}] that return[ {return_id}] waits for an answer[ to {question:lower}]"
    "[ until {respond_by:time}]",
    Event.RETURN_LEFT_TO_TIKTOK: "Nobody answered[ {question:lower}] about return[ {return_id}] in time: it is left to"
    " TikTok Shop[ (rule {rule})]",
    Event.RETURN_ANSWER_UNCONFIRMED: "TikTok Shop does not show the answer[ {answer:lower}] to[ {question:lower}] about"
    " return[ {return_id}]",
    Event.RETURN_IN_ARBITRATION: "Return[ {return_id}] is in arbitration: TikTok Shop decides",
    Event.REFUND_CONFIRMED: "TikTok Shop refunded[ {refund}][ for return {return_id}][, {lines:units}]"
    "[; {refunded_in_all} in all][ of {paid} paid][; more than was paid: {beyond_paid}]",
    Event.REFUND_LATE: "The refund of return[ {return_id}] is late[: it was due {due:time}]",
    Event.SELLER_REFUND_REPORTED: "The seller refunds[ ({refund})][ {amount}][ for {lines:units}]",
    Event.SELLER_REFUND_ACCEPTED: "TikTok Shop carried out the seller's refund[ {refund}][ as return {return_id}]",
    Event.SELLER_REFUND_REFUSED: "The seller's refund[ {refund}] was refused[: {reason}]",
    Event.SELLER_REFUND_UNCONFIRMED: "TikTok Shop does not show the seller's refund[ {refund}] yet",
    Event.ORDER_REPLACED: "It is connected with another order[: it replaces {replaces}][: replaced by {by}]",
    Event.CANCELED: "Cancelled[ by {initiator:decider}]",
    Event.LINES_CANCELED: "A part was cancelled[: {lines:units}]",
    Event.ADDRESS_CHANGED: "The buyer changed the address",
    Event.ADDRESS_CHANGED_TOO_LATE: "The buyer changed the address after a parcel was packed: stop it by hand",
    Event.CREATED_IN_CHANNELADVISOR: "Created in ChannelAdvisor[ as order {channeladvisor_id}]",
    Event.ADOPTED_IN_CHANNELADVISOR: "Found in ChannelAdvisor[ as order {channeladvisor_id}]"
    "[, brought by {brought_by}]",
    Event.CARRIED_BY_NATIVE_LINK: "ChannelAdvisor's own TikTok link carried it[: {told:action}][ {subject:subject}]",
    Event.NOT_CARRIED_BY_NATIVE_LINK: "ChannelAdvisor's own TikTok link did not carry it in time[: {told:action}]"
    "[ {subject:subject}]",
    Event.CHANNELADVISOR_STATUS_CHANGED: "ChannelAdvisor shows another status[: {after}][ after {before}]",
    Event.TAKEN_BY_OMS: "Taken by the seller's side[ as {oms_number}]",
    Event.PARCEL_REPORTED: "Parcel[ {parcel}] was reported[: {carrier}][ {tracking_number}]",
    Event.PARCEL_EXTENDED: "More of the order is in parcel[ {parcel}][: {lines:units}]",
    Event.PARCEL_AT_TIKTOK: "TikTok Shop has parcel[ {parcel}][ as package {package}][; it warns: {warning}]"
    "[; doubts: {doubts}]",
    Event.PARCEL_CHECKED: "Parcel[ {parcel}], taken with a warning[ ({warning})], stands at TikTok Shop as it was told"
    "[: {carrier}][ {tracking_number}]",
    Event.PARCEL_CORRECTED: "Parcel[ {parcel}] got another label[: {carrier}][ {tracking_number}][ in the place of"
    " {before}]",
    Event.PARCEL_CORRECTED_AT_TIKTOK: "TikTok Shop has the new label of parcel[ {parcel}][: {carrier}]"
    "[ {tracking_number}][ in the place of {before}][; doubts: {doubts}]",
    Event.PARCEL_LINES_EXCHANGED: "Parcel[ {parcel}] stands for other units of the same SKUs[: {after:units}]"
    "[ in the place of {before:units}]",
    Event.PARCEL_DELETED: "Parcel[ {parcel}] is there no more[ ({tracking_number})][, {lines:units}]"
    "[; it was told to {told:sides}]",
    Event.PARCEL_SCANNED: "The carrier scanned parcel[ {parcel}][ ({tracking_number})]",
    Event.COLLECTED: "Collected by the carrier[; the buyer gets a {buyer_notice}]",
    Event.DELIVERED: "Delivered[; the buyer gets a {buyer_notice}]",
    Event.DEADLINES_SET: "Deadlines set anew[: to be dispatched by {dispatch_by:time}][, else cancelled"
    " {cancels_by:time}][ (policy profile {profile})][; delivery estimated by {delivery_by:time}]",
    Event.DEADLINES_UNKNOWN: "Its deadlines cannot be counted[: {reason}]",
    Event.DISPATCH_COUNTED: "The Late Dispatch Rate counts it[ as {counts_as:lower}][; deadline {deadline:time}]"
    "[ under policy profile {under}]",
    Event.DEADLINES_DIFFER: "TikTok Shop has another deadline for[ {deadline}][: {tiktok_shop:time}]"
    "[, ours is {ours:time}][ (policy profile {profile})][; {why}]",
    Event.DISPATCH_DEADLINE_NEAR: "Not dispatched, and due[ {deadline:time}]"
    "[: less than {business_hours} business hours][ (policy profile {profile})]",
    Event.DISPATCH_DEADLINE_MISSED: "Not dispatched by its deadline[ {deadline:time}][ (policy profile {profile})]",
    Event.AUTOMATIC_CANCEL_NEAR: "TikTok Shop will cancel it by itself[ {deadline:time}][: less than {business_hours}"
    " business hours][ (policy profile {profile})]",
    Event.COMPLETED: "Completed",
    Event.TOLD: "{source} was told[: {told:action}][ {subject:subject}][; it became return {return_id}]",
    Event.NOT_TOLD: "{source} was not told[: {told:action}][ {subject:subject}][, since {reason}]",
    Event.FAILED: "Failed, a person must look[: {told:action}][ {subject:subject}][ {parcel}][ {tracking_number}]"
    "[, {reason}][ ({target:side})]",
    Event.REPLAYED: "Sent again[: {told:action}][ {subject:subject}][ to {target:side}][ ({entry})]",
}

_VERDICT: Final = (
    "[; the Late Dispatch Rate counts it as {counts_as:lower}][, deadline {deadline:time}][ under {under}]"
)
"""Stands behind whatever decided it."""
_PART: Final = re.compile(r"\[([^]]*)\]")
_DETAIL: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


def sentence_of(entry: TimelineEntry, zone: ZoneInfo) -> str:
    """What an entry of the timeline says, with every detail that it has."""
    template = SENTENCES[entry.event]
    if "counts_as" in entry.detail and "counts_as" not in template:
        template += _VERDICT
    told = {**entry.detail, "source": who(entry.source)}
    used = {"source"}

    def filled(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            used.add(found[1])
            return _shown(told.get(found[1], "?"), found[2] or "", zone)

        return _DETAIL.sub(value, text)

    def part(found: re.Match[str]) -> str:
        wanted = {name for name, _ in _DETAIL.findall(found[1])}
        return filled(found[1]) if wanted <= told.keys() else ""

    sentence = " ".join(filled(_PART.sub(part, template)).split()).replace(" ,", ",")
    sentence = sentence[:1].upper() + sentence[1:]
    rest = ", ".join(f"{name} {text}" for name, text in entry.detail.items() if name not in used)
    return f"{sentence} ({rest})." if rest else f"{sentence}."


def _shown(text: str, how: str, zone: ZoneInfo) -> str:
    return _time(text, zone) if how == "time" else _FORMS[how](text)


def _time(text: str, zone: ZoneInfo) -> str:
    try:
        return local(datetime.fromisoformat(text), zone)
    except ValueError:
        return text


def _lower(text: str) -> str:
    return text.replace("_", " ").lower()


def _units(text: str) -> str:
    named = text.split()
    return f"unit {text}" if len(named) == 1 else f"{len(named)} units ({', '.join(named)})"


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "": str,
    "tiktok": words_for_tiktok,
    "lower": _lower,
    "handling": lambda text: HANDLING_WORDS[Handling(text)] if text in list(Handling) else text,
    "decider": lambda text: WHO.get(text, _lower(text)),
    "action": what,
    "subject": lambda text: "" if text == "order" else text,
    "side": who,
    "sides": lambda text: ", ".join(who(side) for side in text.split()),
    "units": _units,
}
