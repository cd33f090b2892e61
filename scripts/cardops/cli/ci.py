"""`cardops ci`: the workflows' talk with GitHub. Every command also runs on a laptop, and none writes to AWS."""

import json
from pathlib import Path

import click

from cardops.cli.ci_parts import begin, join
from cardops.cli.cloud import connect
from cardops.cli.console import log, print_findings, print_unknown
from cardops.cli.options import Group, file_type, folder_type, ledger_from_option, repository_option, today_option
from cardops.commands.contributions import Contributions, update_issue
from cardops.commands.ledger import recorded
from cardops.commands.merged_changes import ConfirmedRecords, MergedChanges, write_merged
from cardops.commands.record import job
from cardops.commands.workspace import find_root, load_workspace, write_atomically
from cardops.git.ledger import DEFAULT_BRANCH
from cardops.github.client import GitHub
from cardops.github.platform import GitHubPlatform
from cardops.github.settings import check_settings
from cardops.model.errors import CardopsError, ExitCode, UsageError, worst_exit_code
from cardops.render.markdown import LIMIT, fence
from cardops.render.pull import FORMATS as PULL_FORMATS

KINDS = ("plan", "apply")

where_option = click.option(
    "--github",
    "name",
    metavar="OWNER/NAME",
    envvar="GITHUB_REPOSITORY",
    required=True,
    help="The repository on GitHub; in CI it is known.",
)


@click.group(cls=Group)
def command() -> None:
    """Talk to GitHub for the workflows, through `gh`; begin and join runs in parts.

    \b
    Example:
      cardops ci reviews --pull-request 7 --out reviews.json
    """


command.add_command(begin)
command.add_command(join)


@command.command()
@click.option("--pull-request", "number", type=int, required=True)
@click.option("--out", type=file_type(), required=True)
@repository_option
@where_option
def reviews(number: int, out: Path, start: Path, name: str) -> int:
    """Write the file that --reviews takes, and fetch the commit that was reviewed.

    \b
    Example:
      cardops ci reviews --pull-request 7 --out reviews.json
    """
    write_atomically(out, json.dumps(GitHubPlatform(name).review_file(find_root(start), number), indent=1) + "\n")
    return ExitCode.DONE


@command.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--file", "text_file", type=file_type(), required=True)
@click.option("--pull-request", "numbers", type=int, multiple=True, help="Repeatable.")
@click.option("--reviews", "review_file", type=file_type(), help="All pull requests of this file.")
@where_option
def comment(kind: str, text_file: Path, numbers: tuple[int, ...], review_file: Path | None, name: str) -> int:
    """Write a comment, or edit the one that is there. Without a text it says that the run failed.

    \b
    Example:
      cardops ci comment plan --file comment.md --pull-request 7
    """
    marker = f"<!-- cardops:{kind} -->"
    text = text_file.read_text(encoding="utf-8").strip() if text_file.is_file() else ""
    if marker not in text:
        text = f"⛔ **This run could not say what it did.** Its log tells why: {job() or 'see the run'}\n\n{marker}"
    if len(text) > LIMIT:
        raise UsageError(f"{text_file} is longer than {LIMIT} characters", "write it with --format markdown")
    listed = json.loads(review_file.read_text(encoding="utf-8")) if review_file and review_file.is_file() else []
    platform = GitHubPlatform(name)
    for number in dict.fromkeys([*numbers, *(one["pull_request"]["number"] for one in listed)]):
        platform.comment(number, marker, text)
    return ExitCode.DONE


@command.command()
@click.option("--out", "folder", type=folder_type(), required=True)
@click.option("--by-hand", is_flag=True, help="Somebody has looked at the plan: only the reviews are needed.")
@repository_option
@ledger_from_option
@where_option
def merged(folder: Path, by_hand: bool, start: Path, ledger: str, name: str) -> int:
    """Write the reviews and the plans of what was merged since the last run that left nothing undone.

    A plan counts if the plan workflow of this repository made it of the pull request's last commit, or of the merge
    group that was merged, against a commit of the branch that it was merged into. A commit that came without a pull
    request, and a pull request without such a plan, end it with exit 3: they are applied by hand with a digest. Records
    of the ledger count if a run of this repository's workflow left them.

    \b
    Example:
      cardops ci merged --out merged && cardops apply --expect @merged/plans --reviews merged/reviews.json
    """
    workspace = load_workspace(start)
    platform, records = GitHubPlatform(name), recorded(workspace.root, ledger, workspace.config.repository)
    changes = MergedChanges(workspace.root, platform, records, ConfirmedRecords(platform).confirms, log)
    stopped = list(write_merged(changes, folder, by_hand))
    for why in stopped:
        click.echo(why, err=True)
    if stopped:
        click.echo(
            "Nothing is applied. Look at `cardops plan`, then run the workflow by hand with the plan's digest.",
            err=True,
        )
        return ExitCode.INCOMPLETE
    return ExitCode.DONE


@command.command()
@click.option("--drift", "drift_file", type=file_type(), required=True)
@click.option("--card", default="", help="Only this card.")
@today_option
@repository_option
@where_option
def contributions(drift_file: Path, card: str, start: Path, name: str, today: str) -> int:
    """Open or renew one pull request for each card that was written through the API.

    A pull request that somebody has reviewed is left as it is.

    \b
    Example:
      cardops drift --out drift.json; cardops ci contributions --drift drift.json
    """
    drift = read_drift(drift_file)
    quote = lambda text: "\n".join(fence(text.strip().split("\n")))  # noqa: E731
    codes = []
    for one in Contributions(find_root(start), GitHubPlatform(name), today, connect, quote).bring(drift, card):
        if one.pulled is None:
            log(f"{one.card}: pull request {one.number} {one.stays}, and stays as it is")
            continue
        print_findings(one.pulled.findings)
        click.echo(PULL_FORMATS["text"](one.pulled.cards, one.branch, one.commit))
        print_unknown({str(place): why for place, why in one.pulled.unknown.items()})
        codes.append(one.pulled.exit_code())
    return worst_exit_code(codes)


@command.command()
@click.option("--drift", "drift_file", type=file_type(), required=True)
@click.option("--file", "text_file", type=file_type(), required=True)
@where_option
def issue(drift_file: Path, text_file: Path, name: str) -> int:
    """Keep one issue for what was changed behind git's back: opened, edited in place, closed when all is well.

    Exits 3 where a place could not be read: then nothing is closed.

    \b
    Example:
      cardops drift --out drift.json --format markdown > drift.md; cardops ci issue --drift drift.json --file drift.md
    """
    drift = read_drift(drift_file)
    update_issue(GitHubPlatform(name), drift, text_file.read_text(encoding="utf-8"))
    return ExitCode.INCOMPLETE if drift["unknown"] else ExitCode.DONE


@command.command("check-settings")
@click.option("--ledger", default=DEFAULT_BRANCH, show_default=True, metavar="BRANCH", help="The ledger's branch.")
@where_option
def settings(ledger: str, name: str) -> int:
    """Say what GitHub enforces for the default branch and the ledger, and what is missing. Exits 1 if anything is.

    \b
    Example:
      cardops ci check-settings --github example-org/models
    """
    found = check_settings(GitHub(name), ledger)
    for one in found:
        click.echo(f"ok: {one.what}" if one.ok else f"missing: {one.what}. {one.fix}")
    return ExitCode.DONE if all(one.ok for one in found) else ExitCode.DENIED


def read_drift(path: Path) -> dict[str, object]:
    """Read what `cardops drift --out` wrote. Raises CardopsError for another file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["differences"], found["unknown"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CardopsError(f"{path} is not a drift report", "create one with `cardops drift --out`") from problem
    return dict(found)
