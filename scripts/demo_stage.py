"""The stage of the demos: a scratch repository, a local AWS, and the people who act there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import boto3
import yaml
from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table

from demo_roles import READER, deploy_roles, session_of

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / ".demo"
SCRATCH = PLACE / "repository"
DATA = PLACE / "aws.json"
REGION = "eu-west-1"
OWNER = "111111111111"
CONSUMERS = {"ml-dev": "222222222222", "ml-test": "333333333333", "ml-prod": "444444444444"}
CARD = "customer-churn-v1"
ARN = f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/{CARD}"
AUTHOR, APPROVER = "churn-lead", "risk-lead"
REVIEWS = PLACE / "reviews.json"

console = Console(highlight=False, soft_wrap=True)


class Story:
    """The scratch clone and the local AWS behind `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.known: list[dict[str, Any]] = []
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_SESSION_TOKEN": "",
            "AWS_REGION": REGION,
            "GIT_AUTHOR_NAME": AUTHOR,
            "GIT_AUTHOR_EMAIL": f"{AUTHOR}@example.org",
            "GIT_COMMITTER_NAME": AUTHOR,
            "GIT_COMMITTER_EMAIL": f"{AUTHOR}@example.org",
        }

    def git(self, *arguments: str) -> str:
        """git in the scratch clone; its answer."""
        command = ["git", "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(command, cwd=SCRATCH, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def cardops(self, *arguments: str, expect: int) -> str:
        """A command, shown as it is typed; the demo ends when its exit code is another one."""
        console.print(f"[bold cyan]$ cardops {' '.join(arguments)}[/]")
        command = [sys.executable, "-m", "cardops", *arguments]
        environment = self.environment | {"PYTHONPATH": str(ROOT / "scripts")}
        done = subprocess.run(command, cwd=SCRATCH, env=environment, capture_output=True, text=True)
        for line in shortened((done.stdout + done.stderr).splitlines()):
            console.print(f"  {line}", markup=False)
        if done.returncode != expect:
            fail(f"cardops {arguments[0]} exited {done.returncode}, the story says {expect}")
        return done.stdout + done.stderr

    def pull_request(self, title: str, edit: Callable[[str], str] | None, plan: int = 2, own: bool = False) -> None:
        """Plan, review, validate and merge a branch with one commit that edits the card.

        Without an edit the commit has everything that is new in the work tree. `plan` is the plan's exit code; with
        `own` the author tries to approve first.
        """
        console.rule(f"[bold]Pull request: {title}")
        self.git("checkout", "-q", "-b", "change")
        if edit is not None:
            path = SCRATCH / "cards" / f"{CARD}.yaml"
            path.write_text(edited(path.read_text(encoding="utf-8"), edit), encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", title)
        self.cardops("plan", "--detailed-exitcode", expect=plan)
        head = self.git("rev-parse", "HEAD")
        if own:
            self.review(AUTHOR, head)
            if "the author of a pull request cannot approve it" not in self.validate(expect=1):
                fail("an author could approve their own pull request")
        commits = self.commits("main..change")
        self.review(APPROVER, head, commits=commits)
        self.validate()
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge: {title}", "change")
        self.git("branch", "-q", "-D", "change")
        self.review(APPROVER, head, self.git("rev-parse", "HEAD"), commits)

    def commits(self, revisions: str) -> list[dict[str, Any]]:
        """Return commits with the logins behind them, as the platform prints those of a pull request."""
        person = {"name": AUTHOR, "email": f"{AUTHOR}@example.org"}
        account = {"login": AUTHOR}
        return [
            {"sha": sha, "commit": {"author": person, "committer": person}, "author": account, "committer": account}
            for sha in self.git("rev-list", revisions).split()
        ]

    def review(self, login: str, head: str, merged: str = "", commits: Sequence[dict[str, Any]] = ()) -> None:
        """Write the file that CI gets from the platform: an approval of the pull request's head commit."""
        if not merged:
            console.print(f"  {login} approves the pull request of {AUTHOR}")
        pull = {"number": 7, "author": AUTHOR, "head_sha": head, "merge_commit_sha": merged or None}
        word = {
            "user": {"login": login},
            "state": "APPROVED",
            "commit_id": head,
            "submitted_at": "2026-11-25T10:00:00Z",
        }
        document = {"pull_request": pull, "reviews": [word], "commits": [*self.known, *commits]}
        self.known += [one for one in commits if merged]
        REVIEWS.write_text(json.dumps(document), encoding="utf-8")

    def validate(self, expect: int = 0) -> str:
        """Run what CI runs for a pull request after each review."""
        return self.cardops("validate", "--base", "main", "--reviews", f"../{REVIEWS.name}", expect=expect)

    def apply(self, expect: int = 0) -> str:
        """Run what CI runs after the merge."""
        reviews = ["--reviews", f"../{REVIEWS.name}"] if REVIEWS.exists() else []
        return self.cardops("apply", "--outside-ci", *reviews, expect=expect)

    def client(self, account: str, service: str = "sagemaker") -> Any:
        """A service as the administrator of an account."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=f"AKIA{account}0000",
            aws_secret_access_key="sandbox",  # noqa: S106 - the sandbox takes any
        )

    def deploy(self, *aliases: str) -> None:
        """Deploy the reader role of `cardops iam template`, as each consumer's administrator does once."""
        for alias in aliases:
            console.print(f"[bold cyan]$ cardops iam template --account {alias}[/]  (deployed there)")
            command = [sys.executable, "-m", "cardops", "iam", "template", "--account", alias]
            environment = self.environment | {"PYTHONPATH": str(ROOT / "scripts")}
            done = subprocess.run(command, cwd=SCRATCH, env=environment, capture_output=True, text=True, check=True)
            account = CONSUMERS[alias]
            deploy_roles(self.client(account, "iam"), account, yaml.safe_load(done.stdout))

    def reader(self, account: str) -> Any:
        """SageMaker as the account's reader role; as its administrator where it has none."""
        try:
            session = session_of(self.client(account, "sts"), account, READER)
        except ClientError:
            return self.client(account)
        return boto3.client("sagemaker", region_name=REGION, endpoint_url=self.url, **session)

    def best(self, account: str) -> Any:
        """SageMaker as the administrator where that sees the card, else as the reader role."""
        client = self.client(account)
        return client if attempt(client.describe_model_card, ModelCardName=ARN)[0] else self.reader(account)

    def show_access(self, expected: dict[str, tuple[bool, bool]]) -> None:
        """Show what each account can see and write, found by calling; `expected` is (see, write) by account."""
        table = Table("account", "describe", "update", title=f"{CARD}, as each account finds it")
        for alias, account in CONSUMERS.items():
            client = self.best(account)
            seen = attempt(client.describe_model_card, ModelCardName=ARN)
            status = json.loads(seen[1])["ModelCardStatus"] if seen[0] else ""
            wrote = attempt(client.update_model_card, ModelCardName=ARN, ModelCardStatus=status or "Draft")
            words = [f"[green]yes[/] ({status})" if seen[0] else f"[red]{seen[1]}[/]"]
            words.append("[green]yes[/]" if wrote[0] else f"[red]{wrote[1]}[/]")
            table.add_row(f"{alias} ({account})", *words)
            if (seen[0], wrote[0]) != expected[alias]:
                console.print(table)
                fail(f"{alias}: (describe, update) is {(seen[0], wrote[0])}, the story says {expected[alias]}")
        console.print(table)


def attempt(call: Callable[..., Any], **parameters: str) -> tuple[bool, str]:
    """Try a call; return whether AWS allowed it, and its answer as JSON or its error code."""
    try:
        return True, json.dumps(call(**parameters), default=str)
    except ClientError as problem:
        return False, str(problem.response["Error"]["Code"])


def edited(text: str, edit: Callable[[str], str]) -> str:
    """The edited text; an edit that changes nothing is a broken story."""
    after = edit(text)
    if after == text:
        fail("an edit found nothing to change in the card")
    return after


def shortened(lines: list[str], most: int = 30) -> list[str]:
    """Long output, with its middle left out."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 8], f"… {len(lines) - most} more lines", *lines[-8:]]


def fail(message: str) -> NoReturn:
    """Ends the demo."""
    console.print(f"[bold red]The demo failed:[/] {message}")
    sys.exit(1)


@contextmanager
def sandbox() -> Iterator[str]:
    """`cardops sandbox` as a process; ended with the demo."""
    command = [sys.executable, "-m", "cardops", "sandbox", "--data", str(DATA)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                fail("the sandbox did not start")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)
