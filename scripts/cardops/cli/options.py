"""Options that several commands share, and the command classes that every command uses."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from cardops.audit.cloudtrail import TrailEvent, load_events
from cardops.git.ledger import DEFAULT_BRANCH
from cardops.model.desired import AccountRegion
from cardops.model.errors import UsageError
from cardops.signoffs import reviews as platform_reviews
from cardops.signoffs.reviews import PullRequest

Decorated = Callable[..., object]


class Command(click.Command):
    """A command that refuses a parameter which is given and empty: a variable that was not set is not a wish."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, then check every parameter that was given. Raises click.UsageError."""
        rest = super().parse_args(ctx, args)
        for parameter in self.get_params(ctx):
            source = ctx.get_parameter_source(parameter.name or "")
            if source in _GIVEN and any(map(_is_empty, _values(ctx.params.get(parameter.name or "")))):
                name = parameter.opts[0] if isinstance(parameter, click.Option) else parameter.make_metavar(ctx)
                raise click.UsageError(f"{name} is empty. Pass a value, or leave it out.", ctx)
        return rest


class Group(click.Group):
    """A group whose commands refuse parameters that are given and empty."""

    command_class = Command


_GIVEN = (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT)


def _values(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else (value,)


def _is_empty(value: object) -> bool:
    """Return True for empty text, or for the empty text behind a path or `@PATH`."""
    return isinstance(value, str) and value.strip() in ("", "@")


class FilePath(click.Path):
    """A path as `pathlib.Path`, which would take an empty text for the current folder."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(path_type=Path, **settings)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty path before it becomes one."""
        if isinstance(value, str) and not value.strip():
            self.fail("A path is empty. Pass a path, or leave the option out.", param, ctx)
        return super().convert(value, param, ctx)


def file_type(exists: bool = False) -> FilePath:
    """The type of an option that names a file."""
    return FilePath(dir_okay=False, exists=exists)


def folder_type(exists: bool = False) -> FilePath:
    """The type of an option that names a folder."""
    return FilePath(file_okay=False, exists=exists)


repository_option = click.option(
    "-C",
    "--repository",
    "start",
    type=folder_type(),
    default=Path(),
    help="The repository, or a folder in it. Default: this folder.",
)

cache_option = click.option(
    "--no-cache", is_flag=True, help="Check everything again, and do not keep the results for the next run."
)


def format_option(formats: Iterable[str]) -> Callable[[Decorated], Decorated]:
    """--format, with the names of a table of renderers."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(sorted(formats)),
        default="text",
        show_default=True,
        help="The output format.",
    )


def links_options(command: Decorated) -> Decorated:
    """--url and --at-commit: where `markdown` links to."""
    url = click.option("--url", default="", metavar="URL", help="The repository's page, for links in markdown.")
    commit = click.option("--at-commit", default="", metavar="COMMIT", help="The commit that those links show.")
    return url(commit(command))


reviews_option = click.option(
    "--reviews",
    "review_files",
    type=file_type(),
    multiple=True,
    help="Pull request reviews, as JSON of the platform's API. Repeatable.",
)


def read_reviews(files: tuple[Path, ...]) -> list[PullRequest] | None:
    """The pull requests of all files; None without a file. Raises UsageError."""
    return [pull for file in files for pull in platform_reviews.read_reviews(file)] if files else None


def day_or_today(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    """Parse a day written YYYY-MM-DD; without one it is today (UTC)."""
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
    "--today",
    callback=day_or_today,
    metavar="DATE",
    help="Use this day (UTC) instead of today for everything that expires.",
)

partition_option = click.option(
    "--partition",
    "partitions",
    multiple=True,
    metavar="ACCOUNT/REGION",
    help="Only what this account id and region own. Repeatable.",
)


def parse_partitions(texts: Iterable[str]) -> frozenset[AccountRegion]:
    """Parse one or more ACCOUNT/REGION in each text. Raises UsageError, also for a text that names none."""
    names = [name for text in texts for name in text.split() or [text]]
    found = {name: AccountRegion.parse(name) for name in names}
    for name, place in found.items():
        if place is None:
            raise UsageError(f"{name!r} is not a partition", "write ACCOUNT/REGION: a 12-digit id and a region")
    return frozenset(place for place in found.values() if place)


trail_option = click.option(
    "--cloudtrail",
    "trail",
    multiple=True,
    type=FilePath(exists=True),
    help="Name who changed what: a file or folder of a CloudTrail trail (.json.gz too), EventBridge events, or the "
    "output of lookup-events. May be repeated.",
)


def read_events(trail: tuple[Path, ...]) -> tuple[TrailEvent, ...]:
    """Read the events, oldest first; none without files. Raises UsageError for a file without events."""
    return load_events(trail)


ledger_from_option = click.option(
    "--ledger-from",
    "--ledger",
    "ledger",
    default=DEFAULT_BRANCH,
    show_default=True,
    metavar="BRANCH",
    help="Read the records of earlier runs from this branch.",
)

ledger_to_option = click.option(
    "--ledger-to",
    "--ledger",
    "ledger",
    is_flag=False,
    flag_value=DEFAULT_BRANCH,
    default="",
    metavar="[BRANCH]",
    help=f"Append the record, and what AWS holds after it, to this branch ({DEFAULT_BRANCH}).",
)

record_option = click.option(
    "--record",
    "record_file",
    type=file_type(),
    help="Write the record of this run here: an in-toto Statement, without content of cards.",
)

pages_option = click.option(
    "--pages", type=folder_type(), help="Write into this folder what --ledger-to would append, for `cardops ci join`."
)
