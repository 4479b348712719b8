"""A recipient as ChannelAdvisor's Shipping fields (CA 3.2)."""

from order_sync.domain.purchase import Recipient


def shipping_address(recipient: Recipient) -> dict[str, str | None]:
    """All address fields that we fill; None clears one. City is the post town in the UK, and the county its state."""
    first, last = _names(recipient)
    line_1, *others = [line.strip() for line in recipient.address_lines if line.strip()] or [""]
    in_uk = recipient.country == "GB"
    fields = {
        "ShippingFirstName": first,
        "ShippingLastName": last,
        "ShippingDaytimePhone": recipient.phone,
        "ShippingAddressLine1": line_1,
        "ShippingAddressLine2": ", ".join(others),
        "ShippingCity": recipient.city,
        "ShippingStateOrProvince": recipient.county if in_uk else recipient.state,
        "ShippingStateOrProvinceName": recipient.county if in_uk else recipient.state_name,
        "ShippingPostalCode": recipient.postal_code,
        "ShippingCountry": recipient.country,
    }
    return {name: value or None for name, value in fields.items()}


def _names(recipient: Recipient) -> tuple[str, str]:
    if recipient.first_name or recipient.last_name:
        return recipient.first_name, recipient.last_name
    first, _, last = recipient.name.strip().rpartition(" ")
    return (first.strip(), last) if first else (last, "")
