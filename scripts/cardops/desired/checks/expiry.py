"""Warn about shares, grants and ignored fields that are about to expire."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from cardops.desired.problems import Path, Problem
from cardops.model.desired import LOCKED_STATUSES

NOTICE = timedelta(days=14)


def check_expiries(value: dict[str, Any], today: str) -> Iterator[Problem]:
    """A share's file whose dates are sound: what ends within NOTICE, and what has ended. Last days are inclusive."""
    end = value.get("expires", "")
    if end:
        yield from _check("the share", end, ("expires",), today)
    for index, grant in enumerate(value["grants"]):
        own = grant.get("expires", "")
        if own and not (end and end <= own):
            what = f"the grant of {grant['access']} to {grant['to']}"
            yield from _check(what, own, ("grants", index, "expires"), today)


def check_ignores(value: dict[str, Any], today: str) -> Iterator[Problem]:
    """A card's file: ignores of an open card whose last day is over. Last days are inclusive."""
    if value["status"] in LOCKED_STATUSES:
        return
    for index, entry in enumerate(value.get("ignore", ())):
        if entry["expires"] < today:
            message = f"this ignore ended after {entry['expires']}; the field is merged like any other now"
            hint = "remove the entry, or give it a later day and a reason"
            yield Problem(("ignore", index, "expires"), message, "ignore/expired", hint)


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
