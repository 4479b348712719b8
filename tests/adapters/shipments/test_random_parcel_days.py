"""Random days: warehouses, people and faults at once. Nothing is told twice, all sides agree in the end."""

import pytest

from tests.adapters.shipments.parcel_days import ParcelDay


@pytest.mark.parametrize("seed", range(5))
def test_a_day_without_mistakes_ends_with_the_same_parcels_on_all_sides(seed: int) -> None:
    day = ParcelDay(seed, tidy=True)
    day.play(18)
    day.check()


@pytest.mark.parametrize("seed", range(5))
def test_a_day_with_mistakes_ends_with_what_tiktok_took_and_a_reason_for_the_rest(seed: int) -> None:
    day = ParcelDay(seed)
    day.play(18)
    day.check()
