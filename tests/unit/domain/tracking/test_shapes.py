"""The data of the carriers' shapes: complete, and refused with its field named when it is bad."""

import shutil
from pathlib import Path

import pytest

from order_sync.domain.carriers import ACCEPTED_CARRIERS
from order_sync.domain.errors import RejectedError
from order_sync.domain.regions import Region
from order_sync.domain.tracking import shapes
from order_sync.domain.tracking.shapes import Fit, read_shapes, tracking_shapes
from tests.unit.domain.tracking.carrier_numbers import PUBLISHED, WITHOUT_SHAPES

NO_VERIFIED_PATTERN = {
    Region.US: {
        "axlehire",
        "better trucks",
        "deliverit",
        "gls us",
        "lone star overnight",
        "tforce",
        "wizmo",
    },
    Region.GB: {
        "EVRi",
        "UK Mail",
        "Parcel2Go",
        "DX Delivery",
        "Arrow XL",
        "APC Overnight",
        "Panther UK",
        "Fastway Ireland",
        "AO Logistics",
    },
}
"""OP B6, by the codes of the guide."""
UPS_PARCEL = "1Z(?P<body>[0-9A-Z]{15})(?P<digit>[0-9])"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The shipped data, to be spoilt."""
    return Path(shutil.copy(Path(shapes.__file__).parent / "shapes.toml", tmp_path))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def refusal(file: Path) -> str:
    with pytest.raises(RejectedError) as refused:
        read_shapes(file)
    return str(refused.value)


def test_the_shipped_shapes_are_read_once() -> None:
    assert tracking_shapes() is tracking_shapes()


def test_every_accepted_carrier_has_shapes_but_those_that_no_source_describes() -> None:
    assert {region: {code for where, code in WITHOUT_SHAPES if where is region} for region in Region} == (
        NO_VERIFIED_PATTERN
    )


def test_only_carriers_of_which_a_source_knows_everything_are_held_to_their_shapes() -> None:
    known = tracking_shapes()
    held = {(region, code) for region in Region for code in ACCEPTED_CARRIERS[region] if known.knows_all(region, code)}
    assert held == {
        *((Region.US, code) for code in ("usps", "ups", "fedex", "amazon logistics", "lasership", "ontrac")),
        *((Region.GB, code) for code in ("UPS UK", "Parcel Force")),
    }


def test_the_published_numbers_are_of_shapes_that_exist() -> None:
    assert PUBLISHED.keys() <= {shape.name for shape in tracking_shapes().shapes}


@pytest.mark.parametrize(
    ("name", "number"), [(name, each) for name, text in PUBLISHED.items() for each in text.split()]
)
def test_a_published_number_fits_its_shape(name: str, number: str) -> None:
    shape = next(each for each in tracking_shapes().shapes if each.name == name)
    assert shape.fit(number) is (Fit.CHECKED if shape.check else Fit.SHAPE_ONLY)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('name = "UPS parcel"', "", "shapes.0.name: Field required"),
        ('name = "UPS parcel"', 'name = ""', "shapes.0.name: "),
        ('name = "UPS waybill"', 'name = "UPS parcel"', "shapes: Value error, two rows are named UPS parcel"),
        ('US = ["ups"], ', 'US = ["UPS"], ', "shapes.0.carriers: Value error, 'UPS' is no accepted carrier code in US"),
        ('US = ["ups"], ', 'FR = ["ups"], ', "shapes.0.carriers.FR."),
        ('US = ["ups"], ', "US = [], ", "shapes.0.carriers.US: "),
        ('{ US = ["ups"], GB = ["UPS UK"] }', "{}", "shapes.0.carriers: "),
        (UPS_PARCEL, "1Z[", "shapes.0.pattern: "),
        (UPS_PARCEL, "1Z[0-9A-Z]{16}", "shapes.0: Value error, pattern must name body and digit"),
        (UPS_PARCEL, "(?P<rest>1Z)(?P<body>.{15})(?P<digit>.)", "shapes.0: Value error, pattern must name body and"),
        ('check = "ups_mod_10"\n', "", "shapes.0: Value error, pattern must name nothing"),
        ('check = "ups_mod_10"', 'check = "mod_10"', "shapes.0.check: "),
        ('check = "ups_mod_10"', 'check = "s10"', "shapes.0: Value error, example '1Z5R89390357567127' does not fit"),
        ('check_prefix = "91"', 'check_prefix = "9l"', "shapes.7.check_prefix: "),
        ("\non_every_number = false", '\non_every_number = "seldom"', ".on_every_number: "),
        (
            "1Z5R89390357567127",
            "1Z5R89390357567128",
            "shapes.0: Value error, example '1Z5R89390357567128' does not fit",
        ),
        (
            "1Z5R89390357567127",
            "2Z5R89390357567127",
            "shapes.0: Value error, example '2Z5R89390357567127' does not fit",
        ),
        ("source = ", "misspelt = ", "shapes.0.source: Field required; shapes.0.misspelt: "),
        ('"lasership", "ontrac"]', '"lasership", "OnTrac"]', "all_shapes_known: Value error, 'OnTrac' is no accepted"),
        ('"lasership", "ontrac"]', '"wizmo"]', "Value error, all_shapes_known: 'wizmo' of US has no shape"),
        ("all_shapes_known", "all_known", "all_shapes_known: Field required"),
    ],
)
def test_a_bad_row_is_refused_with_its_field_named(file: Path, old: str, new: str, named: str) -> None:
    change(file, old, new)
    text = refusal(file)
    assert text.startswith("tracking data shapes.toml: ")
    assert named in text


def test_every_bad_row_is_named_at_once(file: Path) -> None:
    change(file, "K2479825491", "K2479825492")
    change(file, 'check = "s10"', 'check = "s11"')
    text = refusal(file)
    assert "shapes.1: " in text
    assert "; shapes.8.check: " in text


def test_a_file_that_is_not_toml_is_refused_by_its_name(file: Path) -> None:
    change(file, "[[shapes]]", "[[shapes]")
    assert refusal(file).startswith("tracking data shapes.toml is not TOML: ")
