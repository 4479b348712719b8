"""Why a payload could not be read, in words that tell nothing of what stood in it."""

from pydantic import ValidationError


def why_unreadable(error: ValidationError) -> str:
    """Where a payload is wrong and what was expected, without what stood there."""
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc']) or 'the whole'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    )
