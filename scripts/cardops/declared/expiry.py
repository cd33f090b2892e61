"""Planned ends of shares and grants: said in time, so that somebody may still think otherwise."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from cardops.declared.problems import Path, Problem

NOTICE = timedelta(days=14)


def check_ends(value: dict[str, Any], today: str) -> Iterator[Problem]:
    """A share's file whose dates are sound: what ends within NOTICE, and what has ended. Last days are inclusive."""
    end = value.get("expires", "")
    if end:
        yield from _check("the share", end, ("expires",), today)
    for index, grant in enumerate(value["grants"]):
        own = grant.get("expires", "")
        if own and not (end and end <= own):
            what = f"the grant of {grant['access']} to {grant['to']}"
            yield from _check(what, own, ("grants", index, "expires"), today)


def _check(what: str, end: str, at: Path, today: str) -> Iterator[Problem]:
    if end < today:
        hint = "remove it, or give it another date"
        yield Problem(at, f"{what} expired on {end} and grants nothing", "share/expired", hint)
        return
    left = date.fromisoformat(end) - date.fromisoformat(today)
    if left <= NOTICE:
        days = "today" if not left.days else "tomorrow" if left.days == 1 else f"in {left.days} days"
        hint = "an extension is a change of this date; without one the access ends by itself"
        yield Problem(at, f"{what} ends {days}, after {end} (UTC)", "share/expires-soon", hint)
