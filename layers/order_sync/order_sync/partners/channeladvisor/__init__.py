"""ChannelAdvisor (Rithum): its REST API for orders (CA 1-5, 9). Its words stay in this package."""
