"""What a buyer asks of the seller, a cancellation or a return: one wait for an answer, and one end of it."""
