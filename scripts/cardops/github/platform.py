"""GitHub as a Platform: pull requests, reviews, runs and artifacts, comments and issues."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from cardops.commands.platform import Artifact, Change, OpenChange
from cardops.github.client import CREDENTIALS, GitHub, GitHubError
from cardops.github.pull_reviews import gather_reviews

WORKFLOWS = ".github/workflows"
APPLIES = frozenset({"push", "schedule", "workflow_dispatch"})
"""The events of runs that apply: each runs the workflow file of the default branch."""

_RUN = re.compile(r"/actions/runs/(\d+)$")


class GitHubPlatform:
    """Implements commands.platform.Platform. `workflow` is the path of the workflow that applies."""

    def __init__(self, repository: str, workflow: str = "") -> None:
        self.api = GitHub(repository)
        path = PurePosixPath(workflow or _own_workflow())
        self.apply_path = str(path)
        self.plan_path = str(path.with_name(path.name.replace("reconcile", "plan")))
        self._branch = ""

    def change(self, number: int) -> Change:
        """See Platform."""
        pull = self.api.pull_request(number)
        merge = str(pull["merge_commit_sha"]) if pull["merged_at"] else ""
        return Change(number, str(pull["user"]["login"]), str(pull["head"]["sha"]), merge)

    def review_file(self, root: Path, number: int) -> dict[str, Any]:
        """See Platform."""
        return gather_reviews(self.api, root, number)

    def merged_as(self, commit: str) -> list[int]:
        """See Platform."""
        return [int(one["number"]) for one in self.api.all(f"commits/{commit}/pulls") if one["merged_at"]]

    def plans(self, change: Change, tree: str) -> Iterator[Artifact]:
        """See Platform."""
        proposed = self._runs(f"event=pull_request&head_sha={change.head}")
        queued = self._runs("event=merge_group")
        found = [run for run in proposed if run["head_sha"] == change.head]
        found += [run for run in queued if (run.get("head_commit") or {}).get("tree_id") == tree]
        for run in sorted(found, key=lambda run: int(run["id"]), reverse=True):
            if _path(run) != self.plan_path or run["conclusion"] != "success" or not _own(run):
                continue
            name = f"cardops-plan-{run['head_sha']}"
            for one in self._artifacts(int(run["id"])):
                if one["name"] == name:
                    yield Artifact(int(run["id"]), name, self.plan_path, bool(one["expired"]))

    def run_record(self, job: str) -> tuple[bool, str]:
        """See Platform."""
        number = _RUN.search(job)
        if number is None or f"/{self.api.repository}/" not in job:
            return False, ""
        try:
            run = self.api.get(f"actions/runs/{number[1]}")
        except GitHubError:
            return False, ""  # no such run: that is what somebody made up
        trusted = _path(run) == self.apply_path and run["event"] in APPLIES and _own(run)
        if not trusted or run["head_branch"] != self._default_branch():
            return False, ""
        kept = [one for one in self._artifacts(int(run["id"])) if str(one["name"]).startswith("cardops-record-")]
        if not kept:
            return False, ""
        last = max(kept, key=lambda one: str(one["name"]))
        return True, "" if last["expired"] else self._record(int(run["id"]), str(last["name"]))

    def download(self, artifact: Artifact, folder: Path) -> None:
        """See Platform."""
        self.api.download(artifact.run, artifact.name, folder)

    def comment(self, number: int, marker: str, text: str) -> None:
        """See Platform. Only a comment of a bot is ever edited: anybody can write the marker."""
        found = next(
            (
                one
                for one in self.api.all(f"issues/{number}/comments")
                if one["user"]["type"] == "Bot" and str(one["body"]).rstrip().endswith(marker)
            ),
            None,
        )
        if found is None:
            self.api.send("POST", f"issues/{number}/comments", {"body": text})
        elif found["body"] != text:
            self.api.send("PATCH", f"issues/comments/{found['id']}", {"body": text})

    def keep_issue(self, label: str, title: str, text: str) -> None:
        """See Platform."""
        found = self._issue(label)
        if found is None:
            self.api.send("POST", "issues", {"title": title, "body": text, "labels": [label]})
        elif found["body"] != text:
            self.api.send("PATCH", f"issues/{found['number']}", {"body": text})

    def close_issue(self, label: str) -> None:
        """See Platform."""
        if found := self._issue(label):
            self.api.send("PATCH", f"issues/{found['number']}", {"state": "closed", "state_reason": "completed"})

    def open_change(self, branch: str) -> OpenChange | None:
        """See Platform."""
        owner = self.api.repository.partition("/")[0]
        for one in self.api.all(f"pulls?state=open&head={owner}:{branch}"):
            number = int(one["number"])
            return OpenChange(number, bool(self.api.all(f"pulls/{number}/reviews")), str(one["body"] or ""))
        return None

    def propose(self, branch: str, base: str, title: str, body: str) -> None:
        """See Platform."""
        self.api.send("POST", "pulls", {"title": title, "head": branch, "base": base, "body": body})

    def describe(self, number: int, body: str) -> None:
        """See Platform."""
        self.api.send("PATCH", f"pulls/{number}", {"body": body})

    def git_credentials(self) -> Sequence[str]:
        """See Platform."""
        return CREDENTIALS

    def _runs(self, query: str) -> list[dict[str, Any]]:
        """Runs that succeeded, the newest hundred of them."""
        answer = self.api.get(f"actions/runs?{query}&status=success&per_page=100")
        found: list[dict[str, Any]] = answer["workflow_runs"]
        return found

    def _artifacts(self, run: int) -> list[dict[str, Any]]:
        return self.api.all(f"actions/runs/{run}/artifacts", "artifacts")

    def _record(self, run: int, name: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            self.api.download(run, name, Path(folder))
            return (Path(folder) / "record.json").read_text(encoding="utf-8")

    def _issue(self, label: str) -> dict[str, Any] | None:
        """GitHub lists pull requests among issues."""
        return next(
            (one for one in self.api.all(f"issues?state=open&labels={label}") if "pull_request" not in one), None
        )

    def _default_branch(self) -> str:
        if not self._branch:
            self._branch = str(self.api.get("")["default_branch"])
        return self._branch


def _path(run: dict[str, Any]) -> str:
    """The workflow's path, which may come as PATH@REF."""
    return str(run["path"]).partition("@")[0]


def _own(run: dict[str, Any]) -> bool:
    """Whether the commit of a run is of the repository itself, and not of a fork."""
    return bool((run.get("head_repository") or {}).get("id") == run["repository"]["id"])


def _own_workflow() -> str:
    """The path of the running workflow, of the form OWNER/NAME/PATH@REF; outside a run what `init --github` writes."""
    path = os.environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    own = f"{WORKFLOWS}/{path.rpartition(f'/{WORKFLOWS}/')[2]}"
    return own if "reconcile" in own else f"{WORKFLOWS}/cardops-reconcile.yml"
