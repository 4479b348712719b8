"""Errors by what to do next.

RetriableError          back off, try again
├── OutcomeUnknownError the request may have taken effect: read back before anything is sent again
RejectedError           a person must look; nothing is tried again by itself
SkippableError          note it and go on
└── AlreadyDoneError    the partner says that this was done before
"""


class RetriableError(Exception):
    """Trying again later can help: an outage, a limit, an expired token."""


class OutcomeUnknownError(RetriableError):
    """No answer came, so the request may have taken effect."""


class RejectedError(Exception):
    """Trying again cannot help: a person must look."""


class SkippableError(Exception):
    """Nothing to do here: note it and go on."""


class AlreadyDoneError(SkippableError):
    """The partner says that this was done before."""
