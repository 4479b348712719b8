"""The shapes of the carriers' tracking numbers, read once from `shapes.toml`: a bad row is refused (OP B6)."""

import re
import tomllib
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region
from order_sync.domain.tracking.check_digits import CheckMethod, check_character

_SHIPPED = Path(__file__).parent / "shapes.toml"
_GROUPS = frozenset({"body", "digit"})


class Fit(IntEnum):
    """How well a tracking number fits a shape, from worse to better."""

    NOT_AT_ALL = 0
    CHECK_FAILS = 1
    """It has the shape, of which every number carries a check digit, and its own is wrong."""
    SHAPE_ONLY = 2
    CHECKED = 3


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Text = Annotated[str, Field(min_length=1)]
_Carriers = Mapping[Region, Annotated[tuple[str, ...], Field(min_length=1)]]


def _accepted(carriers: _Carriers) -> _Carriers:
    for region, codes in carriers.items():
        for code in codes:
            if code not in ACCEPTED_CARRIERS[region]:
                raise ValueError(f"{code!r} is no accepted carrier code in {region}")
    return carriers


class Shape(_Data):
    """One shape of tracking numbers and the carriers that use it."""

    name: _Text
    carriers: _Carriers = Field(min_length=1)
    pattern: re.Pattern[str]
    check: CheckMethod | None = None
    check_prefix: str = Field(default="", pattern=r"^[0-9]*$")
    """Digits that count for the check although they are not printed."""
    on_every_number: bool = True
    """Whether a wrong check digit proves that the number is wrong."""
    example: _Text
    source: _Text

    @field_validator("carriers")
    @classmethod
    def _carriers_are_accepted(cls, carriers: _Carriers) -> _Carriers:
        return _accepted(carriers)

    @model_validator(mode="after")
    def _example_fits(self) -> Self:
        groups = _GROUPS if self.check else frozenset[str]()
        if self.pattern.groupindex.keys() != groups:
            named = " and ".join(sorted(groups)) or "nothing"
            raise ValueError(f"pattern must name {named}")
        wanted = Fit.CHECKED if self.check else Fit.SHAPE_ONLY
        if self.fit(self.example) is not wanted:
            raise ValueError(f"example {self.example!r} does not fit")
        return self

    def fit(self, tracking_number: str) -> Fit:
        """How well a tracking number fits."""
        match = self.pattern.fullmatch(tracking_number)
        if match is None:
            return Fit.NOT_AT_ALL
        if self.check is None:
            return Fit.SHAPE_ONLY
        if check_character(self.check, self.check_prefix + match["body"]) == match["digit"]:
            return Fit.CHECKED
        return Fit.CHECK_FAILS if self.on_every_number else Fit.SHAPE_ONLY


class TrackingShapes(_Data):
    """All shapes that are known."""

    shapes: tuple[Shape, ...] = Field(min_length=1)
    all_shapes_known: _Carriers
    """Carriers of which a number must have one of the shapes."""

    @field_validator("shapes")
    @classmethod
    def _names_differ(cls, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
        names = [shape.name for shape in shapes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two rows are named {', '.join(twice)}")
        return shapes

    @field_validator("all_shapes_known")
    @classmethod
    def _carriers_are_accepted(cls, carriers: _Carriers) -> _Carriers:
        return _accepted(carriers)

    @model_validator(mode="after")
    def _known_carriers_have_shapes(self) -> Self:
        for region, codes in self.all_shapes_known.items():
            for code in codes:
                if not self.of(region, code):
                    raise ValueError(f"all_shapes_known: {code!r} of {region} has no shape")
        return self

    def of(self, region: Region, carrier_code: str) -> tuple[Shape, ...]:
        """The shapes of one carrier; none where no source describes its numbers."""
        return tuple(shape for shape in self.shapes if carrier_code in shape.carriers.get(region, ()))

    def knows_all(self, region: Region, carrier_code: str) -> bool:
        """Whether the carrier has no other shapes than these."""
        return carrier_code in self.all_shapes_known.get(region, ())


@cache
def tracking_shapes() -> TrackingShapes:
    """The shapes that ship with the product. Raises RejectedError as `read_shapes` does."""
    return read_shapes(_SHIPPED)


def read_shapes(path: Path) -> TrackingShapes:
    """The shapes of a file. Raises RejectedError that names file, row and field of everything that is wrong."""
    try:
        return TrackingShapes.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise RejectedError(f"tracking data {path.name} is not TOML: {error}") from None
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors())
        raise RejectedError(f"tracking data {path.name}: {'; '.join(problems)}") from None
