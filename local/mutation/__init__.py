"""Mutation testing: mutmut changes the domain in every small way it knows, and the domain's tests must notice."""
