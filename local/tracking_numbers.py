"""Right tracking numbers for parcels that have to reach TikTok Shop, worked out here and not by the product (OP B6)."""

_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def usps(number: int) -> str:
    """22 digits; the last is GS1's check digit: weights 3, 1, 3, 1 ... from the right."""
    body = f"94001{number:016d}"
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def ups(number: int) -> str:
    """1Z and 16 characters; the last is the check digit: weights 1, 2, 1, 2 ... from the left, where A counts 2."""
    body = f"999AA1{number:09d}"
    values = (2 if sign == "A" else int(sign) for sign in body)
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return f"1Z{body}{-total % 10}"


def royal_mail(number: int) -> str:
    """13 characters; before the country stands UPU S10's check digit, where 10 is written as 0 and 11 as 5."""
    body = f"{number:08d}"
    missing = 11 - sum(int(digit) * weight for digit, weight in zip(body, _S10_WEIGHTS, strict=True)) % 11
    return f"QW{body}{ {10: 0, 11: 5}.get(missing, missing) }GB"
