"""What a buyer wrote is not told by an error."""

from order_sync.partners.private_texts import without


def test_what_the_buyer_wrote_is_taken_out_of_a_message() -> None:
    message = "ShippingCity 'SPRINGFIELD' does not match 62701; see Springfielder, Illinois"
    private = ["Springfield", "62701", "IL", "", "Illinois"]
    assert without(message, private) == "ShippingCity '[…]' does not match […]; see Springfielder, […]"
