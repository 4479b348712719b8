"""What becomes of a parcel after it was reported: told, corrected, split as TikTok Shop wants it, scanned."""
