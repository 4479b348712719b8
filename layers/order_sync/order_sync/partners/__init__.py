"""The partners: one package each with its payload models, client and mapping. No partner word leaves it."""
