"""--cloudtrail: who did it, from CloudTrail's events."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.model.errors import UsageError

if TYPE_CHECKING:
    from cardops.audit.cloudtrail import TrailEvent

trail_option = click.option(
    "--cloudtrail",
    "trail",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CloudTrail's events, to say who did it: a file of the trail, or the output of lookup-events.",
)


def read_events(trail: Path | None) -> "tuple[TrailEvent, ...]":
    """The events, oldest first; none without a file. Raises UsageError for a file that holds none."""
    if trail is None:
        return ()
    from cardops.audit.cloudtrail import parse

    try:
        return parse(trail.read_text(encoding="utf-8"), str(trail))
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{trail} cannot be read", "give a JSON file") from problem
