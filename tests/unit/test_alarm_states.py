"""When the embedded AWS raises an alarm whose data has gaps: the examples of CloudWatch's user guide."""

import pytest

from local.aws_corrections.alarm_states import Rule, state_of

POINTS = {"0": False, "X": True, "-": None}
BEFORE = "whatever it was"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
THREE_OF_THREE = {
    "0 - X - X": ("OK", "OK", "OK", "OK"),
    "0 - - - -": ("OK", "OK", "OK", "OK"),
    "- - - - -": ("INSUFFICIENT_DATA", BEFORE, "ALARM", "OK"),
    "0 X X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "- - - - X": ("INSUFFICIENT_DATA", BEFORE, "ALARM", "OK"),
    "X - - - -": ("ALARM", BEFORE, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0 - X - X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 0 X 0 X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 - X - -": ("OK", "OK", "ALARM", "OK"),
    "- - - - 0": ("OK", "OK", "ALARM", "OK"),
    "- - - - X": ("INSUFFICIENT_DATA", BEFORE, "ALARM", "OK"),
}
ONE_OF_ONE = {
    "- X 0": ("OK", "OK", "OK", "OK"),
    "- 0 X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "X - -": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0 - -": ("OK", "OK", "OK", "OK"),
    "- - -": ("INSUFFICIENT_DATA", BEFORE, "ALARM", "OK"),
}
CASES = [
    (numbers, points, missing, state)
    for numbers, table in (((3, 3), THREE_OF_THREE), ((2, 3), TWO_OF_THREE), ((1, 1), ONE_OF_ONE))
    for points, states in table.items()
    for missing, state in zip(TREATMENTS, states, strict=True)
]


@pytest.mark.parametrize(("numbers", "points", "missing", "state"), CASES)
def test_an_alarm_is_in_the_state_that_cloudwatch_would_give_it(
    numbers: tuple[int, int], points: str, missing: str, state: str
) -> None:
    to_alarm, evaluated = numbers
    rule = Rule(evaluated=evaluated, to_alarm=to_alarm, missing=missing)
    seen = [POINTS[point] for point in points.split()]

    assert len(seen) == rule.looked_at
    assert state_of(rule, seen, BEFORE) == state
