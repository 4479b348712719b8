"""TikTok Shop's Partner API: signing, codes, payloads and the client of one shop."""
