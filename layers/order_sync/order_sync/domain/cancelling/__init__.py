"""Cancellations, all four ways: who asked, who decided, what TikTok Shop made of it, who has to hear of it (G8-G12)."""
