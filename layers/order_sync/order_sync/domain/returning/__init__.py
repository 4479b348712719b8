"""Returns and refunds: what a buyer wants back, what the seller says, and what TikTok Shop refunds (G2)."""
