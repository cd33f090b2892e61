"""Finding the repository, loading it and planning it: what several commands share."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardops.desired.loader import Loaded, load_repository
from cardops.desired.sources import WorkTree
from cardops.model.errors import UsageError
from cardops.render.findings import ValidationReport
from cardops.render.links import NO_LINKS, Links

Command = Callable[..., object]

if TYPE_CHECKING:
    from cardops.git.trees import Tree
    from cardops.model.findings import Finding
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


cache_option = click.option(
    "--no-cache", is_flag=True, help="Check everything anew, and keep nothing for the next time."
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


def load_work_tree(root: Path) -> Loaded:
    """What the files say now, committed or not."""
    return load_repository(WorkTree(root))


def load_governed(source: "WorkTree | Tree", commit: str = "", today: str = "", cached: bool = False) -> Loaded:
    """What `source` declares, with what the rules beside it find in each card, for plans.

    With `cached`, checks of single documents are taken from earlier runs; what is to be applied is checked anew.
    """
    from cardops.cache.fingerprint import open_result_cache
    from cardops.policy.files import Folder
    from cardops.policy.loader import load_policies
    from cardops.validation.scanner import Scanner

    known, files = (open_result_cache(source.root, kind) if cached else None for kind in ("policies", "files"))
    policies = load_policies(Folder(source.root) if isinstance(source, WorkTree) else source, known)
    read = Scanner([policies], today, cached=cached, contents=True)
    loaded = load_repository(source, commit, today, keep=True, read_cards=read, kept=files)
    if files:
        files.save()
    return loaded


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


def checked(loaded: Loaded, findings: "list[Finding] | None" = None, links: Links = NO_LINKS) -> ValidationReport:
    """For the renderers."""
    considered, declared = loaded.considered, loaded.declared
    return ValidationReport(
        (considered.cards, considered.shares),
        (declared.cards, declared.shares),
        tuple(loaded.findings if findings is None else findings),
        links,
    )


def write_atomically(path: Path, text: str) -> None:
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
