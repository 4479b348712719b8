"""The seller's answer to something that a buyer asks for, and why one cannot be used."""

from enum import StrEnum

from order_sync.domain.errors import RejectedError
from order_sync.domain.orders import Source


class Answer(StrEnum):
    """The seller's answer to a buyer's request. It is given once."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"


class Decider(StrEnum):
    """Who decided about a buyer's request."""

    OMS = "OMS"
    """The OMS's decision, or its parcel."""
    OPERATOR = "OPERATOR"
    """A person, by command."""
    SELLER = "SELLER"
    """A person, in Seller Center or in ChannelAdvisor."""
    SHOP_RULE = "SHOP_RULE"
    """Nobody answered in time: the shop's rule did."""
    BUYER = "BUYER"
    PLATFORM = "PLATFORM"


class DecisionProblem(StrEnum):
    """Why a decision cannot be used."""

    UNKNOWN_DECISION = "unknown-decision"
    """Neither approve nor reject."""
    CANCEL_REQUEST_UNKNOWN = "cancel-request-unknown"
    CANCEL_REQUEST_CLOSED = "cancel-request-closed"
    RETURN_UNKNOWN = "return-unknown"
    RETURN_CLOSED = "return-closed"
    NOT_ASKED = "not-asked"
    """TikTok Shop does not wait for an answer to this question about the return."""
    DECIDED_ALREADY = "decided-already"


class UnusableDecisionError(RejectedError):
    """A decision that changes nothing; its sender is told why."""

    def __init__(self, problem: DecisionProblem, text: str) -> None:
        super().__init__(text)
        self.problem = problem


_DECIDERS = {Source.OMS: Decider.OMS, Source.OPERATOR: Decider.OPERATOR, Source.ORDER_SYNC: Decider.SHOP_RULE}
_SOURCES = {Decider.OMS: Source.OMS, Decider.OPERATOR: Source.OPERATOR, Decider.SHOP_RULE: Source.ORDER_SYNC}


def decider_of(source: Source) -> Decider:
    """Who decides when this side acts; in Seller Center and in ChannelAdvisor it is a person of the seller's."""
    return _DECIDERS.get(source, Decider.SELLER)


def source_of(decider: Decider) -> Source:
    """On which side an answer was given: a person of the seller's speaks through ChannelAdvisor."""
    return _SOURCES.get(decider, Source.CHANNELADVISOR)
