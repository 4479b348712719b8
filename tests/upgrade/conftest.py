"""The account that these tests work in."""

from tests.account import account, aws, cold, environment

__all__ = ["account", "aws", "cold", "environment"]
