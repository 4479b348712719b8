"""Secrets as they are stored: JSON objects, read without ever repeating a value."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from order_sync.domain.errors import RejectedError
from order_sync.partners.unreadable import why_unreadable


class StoredSecret(BaseModel):
    """One secret of a partner. What it does not know is left alone, so that an operator may keep notes there."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the secret's text. Raises RejectedError naming what is missing or wrong, never a value."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            problems = why_unreadable(error)
        raise RejectedError(f"the secret for {cls.__name__} cannot be used: {problems}")
