"""--today: the date that waivers and expiries are judged by."""

import re
from datetime import UTC, date, datetime

import click


def day_or_today(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Read a day written YYYY-MM-DD; without one it is today (UTC)."""
    if value is None:
        return datetime.now(UTC).date().isoformat()
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(value)
        date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("a date is written YYYY-MM-DD") from None
    return value


today_option = click.option(
    "--today", callback=day_or_today, metavar="DATE", help="Judge expiries as of this day (UTC) instead of today."
)
