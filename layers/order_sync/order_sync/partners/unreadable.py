"""Which payload could not be read, and why, in words that tell nothing of what stood in it."""

from typing import Any

from pydantic import ValidationError


def why_unreadable(error: ValidationError) -> str:
    """Where a payload is wrong and what was expected, without what stood there."""
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc']) or 'the whole'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    )


def readable_id(raw: Any, name: str) -> str:
    """The id of what cannot be read; empty when even that cannot be read."""
    found = raw.get(name) if isinstance(raw, dict) else None
    return found if isinstance(found, str) and found.isdecimal() and len(found) <= 64 else ""
