"""Times as AWS sends them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from cardops.aws.client import time_of, utc

NOON = datetime(2026, 6, 1, 12, 0, 0, 250_000, UTC)


@pytest.mark.parametrize(
    "sent",
    [
        NOON.timestamp(),
        str(NOON.timestamp()),
        "2026-06-01T12:00:00.250000Z",
        "2026-06-01T14:00:00.250000+02:00",
    ],
)
def test_a_time_is_the_same_however_it_is_sent(sent: Any) -> None:
    assert time_of(sent) == NOON
    assert utc(time_of(sent)) == "2026-06-01T12:00:00.250000+00:00"


def test_a_day_without_a_fraction() -> None:
    assert utc(time_of(0)) == "1970-01-01T00:00:00+00:00"
    assert utc(NOON.astimezone(timezone(timedelta(hours=-5)))) == utc(NOON)
    assert utc(None) == ""


@given(st.floats(min_value=-6e10, max_value=6e10) | st.integers(min_value=-6 * 10**10, max_value=6 * 10**10))
def test_it_is_the_time_that_botocore_finds(sent: float) -> None:
    assert time_of(sent) == parse_timestamp(sent)


@pytest.mark.parametrize("sent", ["noon", 1e15, float("nan")])
def test_what_is_no_time_is_refused(sent: Any) -> None:
    with pytest.raises(ValueError):
        time_of(sent)
