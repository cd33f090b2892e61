"""Check that this machine, repository and set of accounts have everything that cardops needs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from cardops.commands.workspace import Workspace, load_workspace
from cardops.desired.sources import CONFIG
from cardops.git.process import run_git
from cardops.git.repository import Repository
from cardops.iam.role_check import missing_actions, required_policies
from cardops.model.desired import AccountRegion, Config
from cardops.model.errors import CardopsError, CloudError, UsageError
from cardops.model.findings import InvalidConfigError, plural
from cardops.model.ports import Cloud
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies

Outcome = Literal["ok", "problem", "unknown"]
Connect = Callable[[Config, Literal["role", "plan_role"]], Cloud]

PYTHON, GIT = (3, 11), (2, 31)
WORKFLOWS = ("validate.yml", "plan.yml", "reconcile.yml", "drift.yml")
MAX_NAMED = 6
"""Missing permissions that are named; more are counted."""


class Check(NamedTuple):
    """The result of one check: the subject, the outcome, a sentence about it, and what to do about a problem."""

    subject: str
    outcome: Outcome
    message: str
    fix: str = ""


def check_machine() -> Iterator[Check]:
    """Check Python, git and GitHub's command line."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= PYTHON
    yield Check("python", "ok" if good else "problem", f"Python {version}.", "" if good else "Install Python 3.11.")
    yield _git_version()
    yield _github_login()


def check_repository(start: Path) -> Iterator[Check | Workspace]:
    """Check the repository's files. Yields the workspace last, if cardops.yaml can be used."""
    try:
        workspace = load_workspace(start)
    except UsageError as problem:
        yield Check("repository", "problem", problem.message, problem.hint or "Run `cardops init`.")
        return
    except InvalidConfigError as problem:
        count = plural(len(problem.findings), "finding")
        yield Check("cardops.yaml", "problem", f"It is not valid: {count}.", "Run `cardops validate`.")
        return
    yield Check("cardops.yaml", "ok", f"{plural(len(workspace.config.accounts), 'account')} declared.")
    yield from _checkout(workspace.root)
    yield _rules(workspace.root)
    yield _approvers(workspace)
    yield _workflows(workspace.root)
    yield workspace


def check_accounts(workspace: Workspace, connect: Connect) -> Iterator[Check]:
    """Check credentials, roles, and what the roles may do, for each account. Makes no mutating call."""
    config = workspace.config
    refused: set[str] = set()
    for kind in ("plan_role", "role"):
        cloud = connect(config, kind)
        for alias, account in config.accounts.items():
            name = account.plan_role if kind == "plan_role" else account.role
            if not name:
                if kind == "plan_role":
                    fix = f"Set accounts.{alias}.plan_role to a role that may read."
                    yield Check(f"{alias} {kind}", "problem", "The account has no role for reading.", fix)
                continue
            yield from _role(workspace, cloud, alias, kind, refused)


def _role(workspace: Workspace, cloud: Cloud, alias: str, kind: str, refused: set[str]) -> Iterator[Check]:
    """Check one role. A problem of the credentials themselves is reported once."""
    subject = f"{alias} {kind}"
    account = workspace.config.accounts[alias]
    place = AccountRegion(account.id, workspace.config.region)
    needed = required_policies(workspace.desired, alias).get("plan" if kind == "plan_role" else "apply")
    if needed is None:
        yield Check(subject, "ok", "The account has nothing to do for this role yet.")
        return
    try:
        missing = missing_actions(cloud.identities(place), *needed)
    except CloudError as problem:
        if problem.message not in refused:
            refused.add(problem.message)
            yield Check(subject, "unknown", problem.message, problem.hint)
        return
    if not missing:
        yield Check(subject, "ok", f"{needed[0]} has the permissions that this version needs.")
        return
    named = ", ".join(missing[:MAX_NAMED]) + (
        f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    )
    fix = f"Deploy the template that `cardops iam template --account {alias}` prints."
    yield Check(subject, "problem", f"{needed[0]} lacks {named}.", fix)


def _git_version() -> Check:
    fix = f"Install git {GIT[0]}.{GIT[1]} or newer."
    try:
        text = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return Check("git", "problem", "The program git was not found.", fix)
    found = re.search(r"(\d+)\.(\d+)", text)
    good = found is not None and (int(found[1]), int(found[2])) >= GIT
    return Check("git", "ok" if good else "problem", f"{text.strip()}.", "" if good else fix)


def _github_login() -> Check:
    if shutil.which("gh") is None:
        return Check(
            "gh", "unknown", "The program gh was not found. Only `cardops ci` needs it.", "Install GitHub CLI."
        )
    if os.environ.get("GH_TOKEN") or os.environ.get("GITHUB_TOKEN"):
        return Check("gh", "ok", "gh is installed and has a token from the environment.")
    done = subprocess.run(["gh", "auth", "status"], capture_output=True, text=True, check=False)
    if done.returncode:
        return Check("gh", "unknown", "gh is not logged in. Only `cardops ci` needs it.", "Run `gh auth login`.")
    return Check("gh", "ok", "gh is installed and logged in.")


def _checkout(root: Path) -> Iterator[Check]:
    revisions = Repository(root)
    try:
        revisions.head()
    except CardopsError as problem:
        yield Check("git history", "problem", problem.message, "Commit the files: a plan needs a commit.")
        return
    if revisions.is_shallow():
        yield Check("git history", "problem", "This clone is shallow.", "Run `git fetch --unshallow`.")
    elif run_git(root, ["config", "--get", "core.sparseCheckout"], silent=1).strip() == b"true":
        fix = "Run `git sparse-checkout disable`: files that are not checked out would look removed."
        yield Check("git history", "problem", "This checkout is sparse.", fix)
    else:
        yield Check("git history", "ok", "The clone has its whole history and all files.")


def _rules(root: Path) -> Check:
    policies = load_policies(Folder(root))
    denied = sum(one.level == "deny" for one in policies.findings)
    if denied:
        return Check("policies", "problem", f"{plural(denied, 'finding')} in policies/.", "Run `cardops policy test`.")
    if not policies.rules:
        fix = "Run `cardops init` in an empty folder and copy its policies/, or write rules with `cardops policy new`."
        return Check("policies", "problem", "There are no rules, so nothing is judged but form.", fix)
    return Check("policies", "ok", f"{plural(len(policies.rules), 'rule')} and {plural(len(policies.packs), 'pack')}.")


def _approvers(workspace: Workspace) -> Check:
    groups = workspace.config.approvers
    people = {one for members in groups.values() for one in members}
    if workspace.config.signoff == "none":
        return Check(
            "approvers", "problem", "`signoff: none` lets a merge count as the sign-off.", "Set `signoff: reviews`."
        )
    if len(people) < 2:
        fix = f"Add at least two people under `approvers` in {CONFIG}."
        return Check(
            "approvers", "problem", f"{plural(len(people), 'person')} can sign off.".replace("persons", "people"), fix
        )
    return Check("approvers", "ok", f"{len(people)} people in {plural(len(groups), 'group')}.")


def _workflows(root: Path) -> Check:
    folder = root / ".github" / "workflows"
    texts = [path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.y*ml"))] if folder.is_dir() else []
    missing = [name for name in WORKFLOWS if not (folder / name).is_file() and not any(name in text for text in texts)]
    if missing:
        return Check("workflows", "problem", f"Missing: {', '.join(missing)}.", "Run `cardops init --github`.")
    return Check("workflows", "ok", "The four workflows are there.")
