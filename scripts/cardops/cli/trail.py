"""The option --cloudtrail: find out who changed a resource from CloudTrail's events."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cardops.audit.cloudtrail import TrailEvent

trail_option = click.option(
    "--cloudtrail",
    "trail",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Name who changed what: a file or folder of a CloudTrail trail (.json.gz too), EventBridge events, or the "
    "output of lookup-events. May be repeated.",
)


def read_events(trail: tuple[Path, ...]) -> "tuple[TrailEvent, ...]":
    """Read the events, oldest first; none without files. Raises UsageError for a file without events."""
    from cardops.audit.cloudtrail import load_events

    return load_events(trail)
