"""The table from TikTok Shop's codes to what we do about them (TT 3, 4, 6.1; tiktok_error_codes.tsv).

Those that mean something of their own about returns stand in return_codes.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from order_sync.domain.errors import (
    AlreadyDoneError,
    AuthorizationRefusedError,
    NotYetError,
    OutcomeUnknownError,
    RejectedError,
    RetriableError,
    SkippableError,
    SplitRefusedError,
    WishRefusedError,
)
from order_sync.partners.http import TransientError


class TokenExpiredError(RetriableError):
    """The shop's access token is not valid any more: the request did nothing, a refreshed token helps."""


class HeldBackError(NotYetError):
    """TikTok does not take this now: the order is on hold, or an after-sale request must be settled first."""


class NoProvidersError(RejectedError):
    """TikTok has no carriers for this delivery option, because the shop does not ship by it."""


class InProcessError(NotYetError):
    """A request is open, or the order is cancelled already: TikTok's code does not say which, so look."""


class RequestClosedError(SkippableError):
    """The buyer's request is settled already, and not by this answer: look how."""


class DecisionNotPossibleError(SkippableError):
    """TikTok does not take this answer to the request, perhaps because it has it already: look."""


class Meaning(StrEnum):
    """What to do about a refusal."""

    NOT_NOW = "NOT_NOW"
    """Retriable; the request did nothing."""
    FAILED = "FAILED"
    """Retriable; TikTok failed while it worked on the request, so a write may have taken effect."""
    HELD_BACK = "HELD_BACK"
    """Retriable, but not soon: the order itself must change first."""
    IN_PROCESS = "IN_PROCESS"
    """The same, unless the order is cancelled already."""
    EXPIRED = "EXPIRED"
    """Retriable with another access token; the request did nothing."""
    ALREADY_DONE = "ALREADY_DONE"
    CLOSED = "CLOSED"
    NOT_POSSIBLE = "NOT_POSSIBLE"
    SKIPPABLE = "SKIPPABLE"
    NO_PROVIDERS = "NO_PROVIDERS"
    """Rejected, and what was asked for were the carriers of a delivery option."""
    SPLIT_REFUSED = "SPLIT_REFUSED"
    """Rejected, and what was wanted was a parcel of some lines of an order."""
    WISH_REFUSED = "WISH_REFUSED"
    """Rejected, and what was wanted was a cancellation or a refund by the seller, who must know."""
    AGREE_AGAIN = "AGREE_AGAIN"
    """Rejected, until the seller authorises the app again."""
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    """Not in the table: rejected as well, and the table must learn it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a code means, in our words."""

    meaning: Meaning
    words: str


PARAMETER_CODE: Final = 36009004

_CHANGED_ONCE: Final = (
    "TikTok Shop lets it be changed once, within 72 hours of shipping. Change it in Seller Center while that is "
    "possible, or open a ticket with TikTok Shop within 30 days of shipping"
)

_TABLE: Mapping[Meaning, Mapping[str, tuple[int, ...]]] = {
    Meaning.NOT_NOW: {
        "too many requests": (36009002,),
        "the hourly limit of a test shop is used up": (36009037,),
        "something else is changing the order": (25001028,),
    },
    Meaning.FAILED: {
        "internal error": (36009003, 10006402, 25001058, 25007002, 25020008),
        "the request timed out inside TikTok": (36009007, 11001027, 21001003),
        "the orders could not be read": (10002014, 10002015, 10037002, 10037003, 10037004),
        "system error": (11001031, 11006005, 11006026, 21001008, 21001011, 21001043, 21001055, 21008300),
        "a system behind it failed": (11005010, 21001029, 21034006, 21042001, 21042076),
        "the parcel could not be made": (21022026, 21022028, 21022029, 21022030),
    },
    Meaning.HELD_BACK: {
        "the order is on hold": (21011044,),
        "an after-sale request is open": (21011007, 21008044),
    },
    Meaning.IN_PROCESS: {"a request is open, or the order is cancelled already": (25001011,)},
    Meaning.EXPIRED: {"the access token has expired": (105002,)},
    Meaning.ALREADY_DONE: {
        "already shipped": (11006021, 21008099, 21011006, 21011020, 21011040, 21023046, 21042056),
        "already approved": (25011012,),
    },
    Meaning.CLOSED: {
        "the request is closed already": (25011011, 25020009),
        "the request is approved already": (25020010,),
    },
    Meaning.NOT_POSSIBLE: {"the request takes no such answer in its present state": (25001003, 25020003)},
    Meaning.SKIPPABLE: {
        "the order is cancelled": (21011041, 21011042, 21023059),
        "TikTok ships this order": (21008025, 21008117, 21011004),
        "already delivered": (21011027,),
        "the order is completed or cancelled": (25001051,),
        "the order is returned or cancelled": (25001010,),
    },
    Meaning.REJECTED: {
        "a parameter is invalid": (11050001, 21001001, 21011005, 25001001, 36009021, 36009022, 36009023),
        "no such path, method or version": (36009009, 36009010, 36009014),
        "our IP address is not on the app's list": (36009033,),
        "the shop or its seller is inactive": (36009043, 36009044),
        "the access token and the shop's cipher do not belong together": (101000,),
        "the app may not do this for the shop": (105001, 105003, 105004, 105005),
        "the signature is wrong: check the app's secret": (106001,),
        "the shop's cipher is missing": (106013,),
        "the order or package is not this shop's": (21008111, 21011028, 21011029),
        "not possible in this region": (21008106,),
        "the tracking number or its provider is not right": (11028006, 21004012, 21004015, 21004016, 21011022),
        "the tracking number is used too often": (21011025, 21011026, 21034012),
        f"the tracking number of a delivered parcel stays. {_CHANGED_ONCE}": (21011030,),
        f"a rule of TikTok Shop's keeps the tracking number. {_CHANGED_ONCE}": (21011049,),
        f"the time to change the tracking number is over. {_CHANGED_ONCE}": (21011050,),
        f"the tracking number was changed before. {_CHANGED_ONCE}": (21011051, 21011052),
        "no such package": (21011001,),
        "not shipped yet": (21011043,),
        "the order is not awaiting shipment": (21042057, 21032001, 21011003, 21011012, 21011013),
        "the parcel's lines must be named": (21011048,),
        "the order is combined with another": (21011033,),
        "TikTok made or sold a label for this order": (21008042, 21022025),
        "the address cannot be delivered to": (11021009, 21021010),
        "an invoice is missing": (21004019, 21004020),
        "no such warehouse": (11005004,),
        "no such order": (36020001,),
        "no such order or request": (25007006,),
        "the order or request is not this shop's": (25020005,),
        "this is no buyer's request": (25020004,),
        "this is no blind-box order": (10007002,),
    },
    Meaning.NO_PROVIDERS: {"no shipping service for this delivery option": (21008116,)},
    Meaning.AGREE_AGAIN: {"the seller must authorise the app again": (36004001, 36004004, 36004005)},
    Meaning.SPLIT_REFUSED: {
        "the order cannot be split": (21011035,),
        "these lines cannot leave without others of the order": (21011036,),
        "the order is combined with another and leaves as a whole": (21011046,),
    },
    Meaning.WISH_REFUSED: {
        "the order has shipped": (25001045,),
        "TikTok's risk control stopped it": (25001046,),
        "TikTok does not know this reason": (25001014,),
        "the reason is not one of a seller's": (25001015,),
        "the reason is for something else": (25001016, 25001057),
        "TikTok does not take this reason any more": (25001020,),
        "the reason does not fit the order's status": (25001021,),
        "lines cannot be cancelled by themselves": (25005010,),
        "more lines than are left to cancel": (25005011,),
    },
}


def by_code(table: Mapping[Meaning, Mapping[str, tuple[int, ...]]]) -> Mapping[int, Refusal]:
    """What each code of a table means."""
    return {
        code: Refusal(meaning, words)
        for meaning, rows in table.items()
        for words, codes in rows.items()
        for code in codes
    }


CODES: Mapping[int, Refusal] = by_code(_TABLE)

_ERRORS: Mapping[Meaning, type[Exception]] = {
    Meaning.HELD_BACK: HeldBackError,
    Meaning.IN_PROCESS: InProcessError,
    Meaning.EXPIRED: TokenExpiredError,
    Meaning.ALREADY_DONE: AlreadyDoneError,
    Meaning.CLOSED: RequestClosedError,
    Meaning.NOT_POSSIBLE: DecisionNotPossibleError,
    Meaning.SKIPPABLE: SkippableError,
    Meaning.NO_PROVIDERS: NoProvidersError,
    Meaning.SPLIT_REFUSED: SplitRefusedError,
    Meaning.WISH_REFUSED: WishRefusedError,
    Meaning.AGREE_AGAIN: AuthorizationRefusedError,
    Meaning.REJECTED: RejectedError,
    Meaning.UNKNOWN: RejectedError,
}

# 36009004 stands for a dozen faults; the words are those of TikTok's "common errors" page. First match counts.
_PARAMETERS: tuple[tuple[str, Refusal], ...] = (
    ("access-token", Refusal(Meaning.EXPIRED, "the access token is not valid")),
    ("access_token", Refusal(Meaning.EXPIRED, "the access token is not valid")),
    ("timestamp", Refusal(Meaning.NOT_NOW, "the request's time was not accepted: is our clock right?")),
    ("signature", Refusal(Meaning.REJECTED, "the signature is missing")),
    ("app_key", Refusal(Meaning.REJECTED, "the app key is not valid")),
    ("shop_cipher", Refusal(Meaning.REJECTED, "the shop's cipher does not belong here")),
    ("shop_id", Refusal(Meaning.REJECTED, "the shop's id is not valid")),
    ("api version", Refusal(Meaning.REJECTED, "no such version")),
)
_REQUIRED: Final = re.compile(r"\b(\w{1,40}) is a required field", re.IGNORECASE)


def read_code(code: int, message: str, codes: Mapping[int, Refusal] = CODES) -> Refusal:
    """What a code other than 0 means; TikTok's message is looked at for 36009004 only, and never repeated."""
    if code != PARAMETER_CODE:
        return codes.get(code) or Refusal(Meaning.UNKNOWN, "a code that we do not know")
    if missing := _REQUIRED.search(message):
        return Refusal(Meaning.REJECTED, f"{missing[1]!r} is missing")
    text = message.casefold()
    for phrase, refusal in _PARAMETERS:
        if phrase in text:
            return refusal
    return Refusal(Meaning.REJECTED, "a parameter is missing or invalid")


def error_for(refusal: Refusal, text: str, *, repeatable: bool, retry_after: float | None = None) -> Exception:
    """The error to raise for a refusal of a read (`repeatable`) or of a write."""
    match refusal.meaning:
        case Meaning.NOT_NOW:
            return TransientError(text, retry_after=retry_after)
        case Meaning.FAILED if repeatable:
            return TransientError(text, retry_after=retry_after)
        case Meaning.FAILED:
            return OutcomeUnknownError(text + "; it may have taken effect")
        case other:
            return _ERRORS[other](text)
