"""Whether a parcel's tracking number and carrier can be right, judged before TikTok Shop is told (OP B6, TT 3)."""
