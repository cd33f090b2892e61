"""`cardops validate`: check what is declared, without AWS."""

from collections.abc import Iterable
from pathlib import Path

import click

from cardops.cli.options import (
    Command,
    FilePath,
    cache_option,
    format_option,
    links_options,
    read_reviews,
    repository_option,
    reviews_option,
    today_option,
)
from cardops.commands.workspace import find_root
from cardops.desired.loader import Loaded
from cardops.desired.sources import CONFIG
from cardops.model.errors import UsageError
from cardops.model.findings import Finding, Location, exit_code_for
from cardops.render.findings import ValidationReport
from cardops.render.links import NO_LINKS, Links
from cardops.render.validation import FORMATS
from cardops.validation.worktree import validate_worktree


@click.command(cls=Command)
@click.argument("paths", nargs=-1, type=FilePath())
@repository_option
@click.option("--base", metavar="REF", default="", help="Check what this branch changes, with the rules of REF too.")
@reviews_option
@format_option(FORMATS)
@links_options
@today_option
@cache_option
def command(
    paths: tuple[Path, ...],
    start: Path,
    base: str,
    review_files: tuple[Path, ...],
    form: str,
    url: str,
    at_commit: str,
    today: str,
    no_cache: bool,
) -> int:
    """Check cards, shares and cardops.yaml: syntax, schema, cross references, and the rules of policies/.

    With --base also what has changed since that revision, and whether it is signed off: rules, waivers and approvers
    of REF and of this branch both have to pass, and what was wrong before and is not touched only warns.

    With PATHs only findings in those files or folders are shown; everything is read all the same, since a
    file is right or wrong together with the others.

    \b
    Examples:
      cardops validate
      cardops validate cards/customer-churn-v1.yaml
      cardops validate --base origin/main --reviews reviews.json
      cardops validate --format json | jq .findings
    """
    if review_files and not base:
        raise UsageError("--reviews goes with --base", "say what the pull request is to be merged into")
    return validate(start, paths, form, today, Links(url, at_commit), base, review_files, not no_cache)


def validate(
    start: Path,
    paths: tuple[Path, ...],
    form: str,
    today: str = "",
    links: Links = NO_LINKS,
    base: str = "",
    review_files: tuple[Path, ...] = (),
    cached: bool = True,
) -> int:
    """Exit code 0 without findings of level deny, else 1."""
    if start == Path() and len(paths) == 1 and (paths[0] / CONFIG).is_file():
        start, paths = paths[0], ()
    root = find_root(start)
    loaded, found = _check(root, base, review_files, today, cached)
    findings = _within(found, root, paths) if paths else found
    shown = _report(loaded, findings, links)
    click.echo(FORMATS[form](shown))
    return exit_code_for(findings)


def _report(loaded: Loaded, findings: list[Finding], links: Links) -> ValidationReport:
    considered, declared = loaded.considered, loaded.declared
    counts = (considered.cards, considered.shares), (declared.cards, declared.shares)
    return ValidationReport(*counts, tuple(findings), links)


def _check(
    root: Path, base: str, review_files: tuple[Path, ...], today: str, cached: bool
) -> tuple[Loaded, list[Finding]]:
    if not base:
        loaded, found = validate_worktree(root, today, cached)
    else:  # a check on every commit does without git, plans and sign-offs, whose import takes as long as the check
        from cardops.desired.history import DeclarationHistory
        from cardops.git.repository import Repository
        from cardops.validation.proposal import validate_proposal
        from cardops.validation.signoff_check import SignoffChecker

        revisions = Repository(root)
        judge = SignoffChecker(DeclarationHistory(revisions), read_reviews(review_files))
        loaded, found = validate_proposal(root, judge, base, today, cached)
        revisions.close()
    if loaded.considered != loaded.declared and not any(finding.level == "deny" for finding in found):
        message = "not every file that declares a card or a share could be considered"
        found = [*found, Finding("count/mismatch", Location(CONFIG), message, "report this as a bug")]
    return loaded, found


def _within(findings: Iterable[Finding], root: Path, paths: tuple[Path, ...]) -> list[Finding]:
    wanted = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist")
        if not path.resolve().is_relative_to(root):
            raise UsageError(f"{path} is not in {root}", "name its repository with -C")
        wanted.append(path.resolve().relative_to(root))
    return [f for f in findings if any(Path(f.location.path).is_relative_to(path) for path in wanted)]
