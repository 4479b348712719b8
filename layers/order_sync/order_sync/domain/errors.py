"""Errors by what to do next.

RetriableError           back off, try again
├── OutcomeUnknownError  the request may have taken effect: read back before anything is sent again
└── NotYetError          this one has to wait, though its partner is well: others go on
    ├── LeftToLinkError  ChannelAdvisor's own TikTok link brings it, and is in time
    └── UnderWayError    the partner has accepted it and works on it: it counts as told
RejectedError            a person must look; nothing is tried again by itself
├── HalfDoneError        the partner has it, but not as it should be
├── UnmappedCarrierError no accepted carrier stands for a warehouse's words: somebody must map them
├── AuthorizationRefusedError  the seller must authorise the app again
├── CarrierRefusedError  the partner does not know this carrier and class: somebody must enter or map them
├── SplitRefusedError    the partner does not let these units go without others: other units may
└── WishRefusedError     the partner does not allow this cancellation or refund: whoever wanted it must know
SkippableError           note it and go on
├── SwitchedOffError     the shop does not trade: its jobs do nothing, and what waits goes on when it is switched on
└── AlreadyDoneError     the partner says that this was done before
"""


class RetriableError(Exception):
    """Trying again later can help: an outage, a limit, an expired token."""


class OutcomeUnknownError(RetriableError):
    """No answer came, so the request may have taken effect."""


class NotYetError(RetriableError):
    """This one has to wait for something of its own: no sign that the partner is in trouble."""


class LeftToLinkError(NotYetError):
    """ChannelAdvisor's own TikTok link is to bring it, and may take longer."""


class UnderWayError(NotYetError):
    """The partner has accepted it and works on it: it counts as told, though nobody knows yet what becomes of it."""


class RejectedError(Exception):
    """Trying again cannot help: a person must look."""


class HalfDoneError(RejectedError):
    """The partner has it, but not as it should be: a person must look, and later news must still reach the partner."""


class UnmappedCarrierError(RejectedError):
    """No accepted carrier stands for a warehouse's words: somebody must map them here, and nothing was sent."""


class CarrierRefusedError(RejectedError):
    """The partner does not know this carrier and class: somebody must enter them there, or map them here."""


class AuthorizationRefusedError(RejectedError):
    """The partner does not know the seller's authorisation any more: the seller must give it again."""


class SplitRefusedError(RejectedError):
    """The partner does not let these units go without others: other units of the same SKUs may."""


class WishRefusedError(RejectedError):
    """What the seller wants is not allowed: whoever wanted the cancellation or the refund must know."""


class SkippableError(Exception):
    """Nothing to do here: note it and go on."""


class SwitchedOffError(SkippableError):
    """The shop is switched off: nothing is told to a partner, and what waits is found once it is switched on."""


class AlreadyDoneError(SkippableError):
    """The partner says that this was done before."""
