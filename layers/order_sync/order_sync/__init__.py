"""Order Sync: keeps TikTok Shop, ChannelAdvisor and an order management system in step."""
