"""Finding the repository, loading it and planning it: what several commands share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.declared.load import Loaded, ReadCards, load_repository
from cardops.declared.source import WorkTree
from cardops.errors import ExitCode, UsageError
from cardops.render.findings import Checked
from cardops.render.links import NO_LINKS, Links
from cardops.render.visible import visible

Command = Callable[..., object]

if TYPE_CHECKING:
    from cardops.findings import Finding
    from cardops.model import Desired, Place
    from cardops.plan.build import Given
    from cardops.plan.steps import Plan
    from cardops.policy.load import Policies
    from cardops.ports import Cloud
    from cardops.revisions import Revisions
    from cardops.revisions.trees import Tree
    from cardops.signoffs.reviews import PullRequest

CONFIG = "cardops.yaml"

repository_option = click.option(
    "-C",
    "--repository",
    "start",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The repository, or a folder in it. Default: this folder.",
)


def format_option(formats: Iterable[str]) -> Callable[[Command], Command]:
    """--format, with the names of a table of renderers."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(sorted(formats)),
        default="text",
        show_default=True,
        help="How to print.",
    )


def links_options(command: Command) -> Command:
    """--url and --at-commit: where `markdown` links to."""
    url = click.option("--url", default="", metavar="URL", help="The repository's page, for links in markdown.")
    commit = click.option("--at-commit", default="", metavar="COMMIT", help="The commit that those links show.")
    return url(commit(command))


def find_root(start: Path) -> Path:
    """The folder at or above `start` that has a cardops.yaml. Raises UsageError."""
    if not start.is_dir():
        raise UsageError(f"{start} is no folder")
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(f"no {CONFIG} in {here} or above", "run `cardops init`, or name the repository with -C")


def load_work_tree(root: Path, today: str = "", keep: bool = False, read_cards: ReadCards | None = None) -> Loaded:
    """What the files say now, committed or not; with `today` also what ends soon. `keep` them parsed, for rules."""
    return load_repository(WorkTree(root), today=today, keep=keep, read_cards=read_cards)


def load_governed(source: "WorkTree | Tree", commit: str = "", today: str = "") -> Loaded:
    """What `source` declares, with what the rules beside it find in each card: for plans, and held against nothing
    that an earlier run found.
    """
    from cardops.checks.scan import Scan
    from cardops.policy.documents import Folder
    from cardops.policy.load import load_policies

    policies = load_policies(Folder(source.root) if isinstance(source, WorkTree) else source)
    read = Scan([policies], today, cached=False, contents=True)
    return load_repository(source, commit, today, keep=True, read_cards=read)


reviews_option = click.option(
    "--reviews",
    "review_files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Pull request reviews, as JSON of the platform's API. Repeatable.",
)


def read_reviews(files: tuple[Path, ...]) -> "list[PullRequest] | None":
    """The pull requests of all files; None where there is no file. Raises UsageError."""
    if not files:
        return None
    from cardops.signoffs.reviews import read_reviews as read

    return [pull for file in files for pull in read(file)]


def checked(loaded: Loaded, findings: "list[Finding] | None" = None, links: Links = NO_LINKS) -> Checked:
    """For the renderers."""
    considered, declared = loaded.considered, loaded.declared
    return Checked(
        (considered.cards, considered.shares),
        (declared.cards, declared.shares),
        tuple(loaded.findings if findings is None else findings),
        links,
    )


@dataclass(slots=True)
class Planned:
    """A plan, and whether what AWS carries is ahead of it."""

    plan: "Plan"
    behind: "list[Finding]"
    unknown: dict[str, str]
    given: "Given"
    checked: "list[Finding]"


def make_plan(
    loaded: Loaded,
    desired: "Desired",
    cloud: "Cloud",
    revisions: "Revisions",
    tip: str,
    today: str,
    told: "Callable[[str], None]",
    reviews: "list[PullRequest] | None" = None,
    governed: bool = True,
    partition: "Place | None" = None,
) -> Planned:
    """Observe, find the bases, check rules and sign-offs (unless not `governed`), and plan. Raises CardopsError.

    `loaded` must have kept its files where it is governed. With `partition` only that place is read and planned.
    """
    from cardops.bases import Bases, behind, last_applied
    from cardops.checks.accounts import changed_ids
    from cardops.checks.judging import Judge
    from cardops.checks.merged import Gate, check_merged
    from cardops.declared.states import Declarations
    from cardops.observe import observe
    from cardops.plan.build import Given, plan
    from cardops.plan.partitions import ELSEWHERE, only

    observed = observe(cloud, desired, told, partition)
    found = behind(revisions, observed, desired.config.repository, tip)
    declarations = Declarations(revisions)
    if desired.commit:
        declarations.remember(desired.commit, loaded)
    memory = Bases(declarations, cloud)
    given = Given(
        desired,
        observed,
        today,
        memory.find(desired, observed),
        broken=loaded.broken,
        unreadable=loaded.unreadable,
        unsure_shares=bool(loaded.broken_shares) or loaded.unreadable_shares,
        renamed=memory.renamed(desired, observed),
        locate=loaded.locate,
        unmerged=memory.unmerged,
    )
    gate = Gate()
    if governed:
        policies, judge = _policies(revisions, desired), Judge(declarations, reviews)
        gate = check_merged(loaded, observed, given.bases, policies, judge, tip, today)
    given = gate.over(given)
    applied = last_applied(revisions, observed, desired.config.repository, tip)
    moved = list(changed_ids(declarations.config(applied), desired.config, loaded.source)) if loaded.source else []
    if moved:
        given = replace(given, on_hold=given.on_hold or f"{moved[0].rule}: {moved[0].message}")
    unknown = {str(place): why for place, why in observed.unknown.items() if why != ELSEWHERE}
    made = only(plan(given), partition) if partition else plan(given)
    return Planned(made, found, unknown, given, [*moved, *gate.findings])


def _policies(revisions: "Revisions", desired: "Desired") -> "Policies":
    """The rules that stand beside what is declared: of its commit, or of the work tree."""
    from cardops.policy.documents import Folder
    from cardops.policy.load import load_policies

    return load_policies(revisions.tree(desired.commit) if desired.commit else Folder(revisions.root))


def unreachable(planned: Planned) -> ExitCode:
    """Prints the places that could not be read."""
    for place, why in planned.unknown.items():
        click.echo(f"{click.style('unknown', fg='red')}: {place} could not be read: {visible(why)}", err=True)
    return ExitCode.INCOMPLETE if planned.unknown else ExitCode.DONE


def write_whole(path: Path, text: str) -> None:
    """Writes a file so that nobody ever sees half of it."""
    import tempfile

    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        Path(file.name).chmod(mode)
        Path(file.name).replace(path)
    except OSError as problem:
        raise UsageError(f"{path} cannot be written: {problem.strerror}") from problem
