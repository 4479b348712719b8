"""The markets that the guide covers. A region is data: another one is a member here and its carriers."""

from enum import StrEnum


class Region(StrEnum):
    """A market of TikTok Shop, by TikTok's own code."""

    US = "US"
    GB = "GB"
