"""`cardops ci`: what the workflows ask of GitHub, each a command that runs on a laptop too. None writes to AWS."""

import json
from pathlib import Path

import click

from cardops.cli.options import find_root, load_work_tree, repository_option, write_atomically
from cardops.commands import partitioned_apply as in_parts
from cardops.commands.ledger import ledger_option, recorded
from cardops.commands.record import job
from cardops.github.client import CREDENTIALS, GitHub
from cardops.model.errors import CardopsError, ExitCode, UsageError
from cardops.render.markdown import LIMIT

KINDS = ("plan", "apply")

where_option = click.option(
    "--github",
    "name",
    metavar="OWNER/NAME",
    envvar="GITHUB_REPOSITORY",
    required=True,
    help="The repository on GitHub; in CI it is known.",
)


@click.group()
def command() -> None:
    """Talk to GitHub for the workflows, through `gh`; begin and join runs in parts.

    \b
    Example:
      cardops ci reviews --pull-request 7 --out reviews.json
    """


command.add_command(in_parts.begin)
command.add_command(in_parts.join)


@command.command()
@click.option("--pull-request", "number", type=int, required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@repository_option
@where_option
def reviews(number: int, out: Path, start: Path, name: str) -> int:
    """Write the file that --reviews takes, and fetch the commit that was reviewed.

    \b
    Example:
      cardops ci reviews --pull-request 7 --out reviews.json
    """
    write_atomically(out, json.dumps(reviewed(GitHub(name), find_root(start), number), indent=1) + "\n")
    return ExitCode.DONE


@command.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--file", "text_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--pull-request", "numbers", type=int, multiple=True, help="Repeatable.")
@click.option("--reviews", "review_file", type=click.Path(path_type=Path), help="All pull requests of this file.")
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
    github = GitHub(name)
    for number in dict.fromkeys([*numbers, *(one["pull_request"]["number"] for one in listed)]):
        _say(github, number, marker, text)
    return ExitCode.DONE


@command.command()
@click.option("--out", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--by-hand", is_flag=True, help="Somebody has looked at the plan: only the reviews are needed.")
@repository_option
@ledger_option
@where_option
def merged(folder: Path, by_hand: bool, start: Path, ledger: str, name: str) -> int:
    """Write the reviews and the plans of what was merged since the last run that left nothing undone.

    A commit that came without a pull request, and a pull request without a plan, end it with exit 3: nobody saw
    what they do, so they are applied by hand with a digest.

    \b
    Example:
      cardops ci merged --out merged && cardops apply --expect @merged/plans --reviews merged/reviews.json
    """
    from cardops.github.merged_pulls import MergedPulls

    root = find_root(start)
    desired = load_work_tree(root).desired
    if desired is None:
        raise CardopsError("cardops.yaml cannot be used", "see `cardops validate`")
    found = MergedPulls(root, GitHub(name), recorded(root, ledger, desired.config.repository))
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    pulls, strays = found.pulls()
    write_atomically(
        folder / "reviews.json", json.dumps([reviewed(found.github, root, one) for one in pulls], indent=1)
    )
    if by_hand:
        return ExitCode.DONE
    without = found.plans(pulls, folder / "plans")
    for commit in strays:
        click.echo(f"commit {commit[:12]} came without a pull request", err=True)
    for number in without:
        click.echo(f"pull request {number} has no plan of its last commit", err=True)
    if strays or without:
        click.echo(
            "nothing is applied: look at `cardops plan`, then run the workflow by hand with its digest", err=True
        )
        return ExitCode.INCOMPLETE
    return ExitCode.DONE


@command.command()
@click.option("--drift", "drift_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--card", default="", help="Only this card.")
@repository_option
@where_option
def contributions(drift_file: Path, card: str, start: Path, name: str) -> int:
    """Open or renew one pull request for each card that was written through the API.

    A pull request that somebody has reviewed is left as it is.

    \b
    Example:
      cardops drift --out drift.json; cardops ci contributions --drift drift.json
    """
    from cardops.github.contributions import Contributions

    drift = read_drift(drift_file)
    return Contributions(find_root(start), GitHub(name)).bring(drift, card)


@command.command()
@click.option("--drift", "drift_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--file", "text_file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@where_option
def issue(drift_file: Path, text_file: Path, name: str) -> int:
    """Keep one issue for what was changed behind git's back: opened, edited in place, closed when all is well.

    Exits 3 where a place could not be read: then nothing is closed.

    \b
    Example:
      cardops drift --out drift.json --format markdown > drift.md; cardops ci issue --drift drift.json --file drift.md
    """
    from cardops.github.contributions import update_issue

    drift = read_drift(drift_file)
    update_issue(GitHub(name), drift, text_file.read_text(encoding="utf-8"))
    return ExitCode.INCOMPLETE if drift["unknown"] else ExitCode.DONE


def reviewed(github: GitHub, root: Path, number: int) -> dict[str, object]:
    """A pull request with its reviews and commits, as --reviews takes it; its head is fetched."""
    from cardops.git.process import run_git

    pull = github.pull_request(number)
    run_git(root, [*CREDENTIALS, "fetch", "--quiet", "origin", f"refs/pull/{number}/head"])
    return {
        "pull_request": {
            "number": number,
            "author": pull["user"]["login"],
            "head_sha": pull["head"]["sha"],
            "merge_commit_sha": pull["merge_commit_sha"] if pull["merged_at"] else None,
        },
        "reviews": github.all(f"pulls/{number}/reviews"),
        "commits": github.all(f"pulls/{number}/commits"),
    }


def read_drift(path: Path) -> dict[str, object]:
    """What `cardops drift --out` wrote. Raises CardopsError for what is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["differences"], found["unknown"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CardopsError(f"{path} is no drift", "write it with `cardops drift --out`") from problem
    return dict(found)


def _say(github: GitHub, number: int, marker: str, text: str) -> None:
    """Only a comment of a bot is ever edited: anybody can write the marker."""
    mine = (
        one
        for one in github.all(f"issues/{number}/comments")
        if one["user"]["type"] == "Bot" and str(one["body"]).rstrip().endswith(marker)
    )
    found = next(mine, None)
    if found is None:
        github.send("POST", f"issues/{number}/comments", {"body": text})
    elif found["body"] != text:
        github.send("PATCH", f"issues/comments/{found['id']}", {"body": text})
