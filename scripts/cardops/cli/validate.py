"""`cardops validate`: everything that can be known without AWS."""

from collections.abc import Iterable
from pathlib import Path

import click

from cardops.cli.repository import (
    CONFIG,
    checked,
    find_root,
    format_option,
    links_options,
    load_work_tree,
    repository_option,
)
from cardops.cli.today import today_option
from cardops.errors import UsageError
from cardops.findings import Finding, verdict
from cardops.render.checks import FORMATS
from cardops.render.links import NO_LINKS, Links


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@repository_option
@format_option(FORMATS)
@links_options
@today_option
def command(paths: tuple[Path, ...], start: Path, form: str, url: str, at_commit: str, today: str) -> int:
    """Check cards, shares and cardops.yaml: syntax, schema, cross references.

    With PATHs only findings in those files or folders are shown; everything is read all the same, since a
    file is right or wrong together with the others.

    \b
    Examples:
      cardops validate
      cardops validate cards/customer-churn-v1.yaml
      cardops validate --format json | jq .findings
    """
    return validate(start, paths, form, today, Links(url, at_commit))


def validate(start: Path, paths: tuple[Path, ...], form: str, today: str = "", links: Links = NO_LINKS) -> int:
    """Exit code 0 without findings of level deny, else 1."""
    if start == Path() and len(paths) == 1 and (paths[0] / CONFIG).is_file():
        start, paths = paths[0], ()
    root = find_root(start)
    loaded = load_work_tree(root, today)
    findings = _within(loaded.findings, root, paths) if paths else list(loaded.findings)
    shown = checked(loaded, findings, links)
    click.echo(FORMATS[form](shown))
    return verdict(findings)


def _within(findings: Iterable[Finding], root: Path, paths: tuple[Path, ...]) -> list[Finding]:
    wanted = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist")
        if not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} is not in {root}", "name its repository with -C")
        wanted.append(path.resolve().relative_to(root))
    return [f for f in findings if any(Path(f.location.path).is_relative_to(path) for path in wanted)]
