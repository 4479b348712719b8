"""Reads the policy profiles and campaigns from their data files: a bad one is refused with its field named.

`profiles/<region>/<name>.toml` is one profile; `profiles/campaigns.toml` holds all campaigns, one a line.
"""

import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from order_sync.domain.deadlines.policies import DEFAULT_PROFILE, Campaign, PolicyProfile
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region

_SHIPPED = Path(__file__).parent / "profiles"


class _Campaigns(BaseModel):
    model_config = ConfigDict(extra="forbid")

    campaigns: tuple[Campaign, ...]


@cache
def policy_profiles() -> tuple[PolicyProfile, ...]:
    """The profiles that ship with the product. Raises RejectedError as `read_profiles` does."""
    return read_profiles(_SHIPPED)


def read_profiles(folder: Path) -> tuple[PolicyProfile, ...]:
    """All profiles of a folder, each with its region's campaigns.

    Raises RejectedError that names file and field: for a bad value, a name or region that is not the file's,
    two profiles of a region from the same date, two campaigns for the same orders, a region without the default.
    """
    campaigns = _read(folder, "campaigns.toml", _Campaigns).campaigns
    _refuse_overlaps(campaigns)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*.toml"))
    profiles = tuple(_profile(folder, path, campaigns) for path in paths)
    _refuse_equal_dates(profiles)
    for region in Region:
        if not any(profile.region is region and profile.name == DEFAULT_PROFILE for profile in profiles):
            raise RejectedError(f"policy profiles: {region} has no {DEFAULT_PROFILE}")
    return profiles


def _profile(folder: Path, path: str, campaigns: Sequence[Campaign]) -> PolicyProfile:
    profile = _read(folder, path, PolicyProfile)
    if profile.campaigns:
        raise RejectedError(f"policy data {path}: campaigns: stand in campaigns.toml, for every profile of a region")
    for field, value, expected in (
        ("region", profile.region, Path(path).parent.name),
        ("name", profile.name, Path(path).stem),
    ):
        if value != expected:
            raise RejectedError(f"policy data {path}: {field}: {value!r} is not the file's {expected!r}")
    own = tuple(campaign for campaign in campaigns if campaign.region is profile.region)
    return profile.model_copy(update={"campaigns": own})


def _read[Data: BaseModel](folder: Path, path: str, data: type[Data]) -> Data:
    try:
        # Percentages stay exact: no float lies between the file and a Decimal.
        values: dict[str, Any] = tomllib.loads((folder / path).read_text("utf-8"), parse_float=Decimal)
        return data.model_validate(values)
    except tomllib.TOMLDecodeError as error:
        raise RejectedError(f"policy data {path} is not TOML: {error}") from None
    except ValidationError as error:
        raise RejectedError(f"policy data {path}: {'; '.join(_problems(error))}") from None


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        yield f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"


def _refuse_overlaps(campaigns: Sequence[Campaign]) -> None:
    """Two rows for the same orders would add up to a deadline that TikTok Shop does not grant."""
    for (first, one), (second, other) in combinations(enumerate(campaigns), 2):
        dates_meet = one.covers(other.first_order_date) or other.covers(one.first_order_date)
        if one.region is other.region and dates_meet and set(one.order_kinds) & set(other.order_kinds):
            raise RejectedError(
                f"policy data campaigns.toml: campaigns.{second}.first_order_date: same orders as campaigns.{first}"
            )


def _refuse_equal_dates(profiles: Sequence[PolicyProfile]) -> None:
    for one, other in combinations(profiles, 2):
        if (one.region, one.in_force_from) == (other.region, other.in_force_from):
            path = f"{other.region}/{other.name}.toml"
            raise RejectedError(f"policy data {path}: in_force_from: same date as {one.name}")
