"""Runs the workflows' own steps, as they stand in their files: what `uses` names is played, what `run` says is run."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from support.workflow_expressions import Expressions
from support.workflow_jobs import Job, Ran
from support.workspace import Workspace

ROOT = Path(__file__).parents[2]
PIP = """\
#!/bin/sh
for last; do :; done
case "$*" in
  *--require-hashes*) test -f "$last" ;;
  *) # A package that is the one under test runs from there, where Python has compiled it already.
     test "$(git -C "$last" rev-parse HEAD:scripts)" != "$(cat {bin}/scripts)" || last={root}
     printf '#!/bin/sh\\nexec env PYTHONPATH=%s/scripts {python} -m cardops "$@"\\n' "$last" > {bin}/cardops
     chmod +x {bin}/cardops ;;
esac
"""


@dataclass
class WorkflowRunner:
    """GitHub's side: a bare origin, a stand-in `gh`, and a workspace for each run."""

    world: Workspace
    place: Path
    without: frozenset[tuple[str, str, str]] = frozenset()
    ran: list[Ran] = field(default_factory=list)
    vars: dict[str, str] = field(default_factory=dict)
    number: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    succeeded: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.origin = self.place / "origin.git"
        self.bin = self.place / "bin"
        self.bin.mkdir(parents=True)
        (self.place / "gh").mkdir()
        self._script("gh", f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("fake_gh.py")} "$@"\n')
        self._script("aws", '#!/bin/sh\ntest -f "$3" && echo "$@" >> "$GH_STAND_IN/aws"\n')
        self._script("pip", PIP.format(python=sys.executable, bin=self.bin, root=ROOT))
        self.forget()

    def forget(self) -> None:
        """GitHub as it was before anybody did anything."""
        empty: dict[str, Any] = {"pulls": {}, "reviews": {}, "commits": {}, "accounts": {}, "pushes": {}} | {
            name: [] for name in ("calls", "comments", "issues", "artifacts", "runs")
        }
        self.write(empty)

    def state(self) -> dict[str, Any]:
        """What GitHub holds."""
        found: dict[str, Any] = json.loads((self.place / "gh" / "state.json").read_text())
        return found

    def write(self, state: dict[str, Any]) -> None:
        """Somebody does something on GitHub."""
        (self.place / "gh" / "state.json").write_text(json.dumps(state))

    def run(self, workflow: str, event: str, **payload: Any) -> bool:
        """One run; True when all of its jobs succeeded or had nothing to do."""
        self.number += 1
        self.succeeded.clear()
        self.last = _context(event, payload, str(self.number))
        return self._finish(workflow, event)

    def _finish(self, workflow: str, event: str) -> bool:
        """Keep the run as GitHub does, from its start on: others may ask about it while it runs."""
        head = self.last["github"]["event"]
        sha = head.get("merge_group", {}).get("head_sha") or head.get("pull_request", {}).get("head", {}).get("sha")
        sha = sha or self.git("rev-parse", "main")
        run = {"id": self.number, "path": f".github/workflows/{workflow}.yml", "event": event, "head_sha": sha}
        run |= {"head_branch": "main" if event not in ("pull_request", "pull_request_review") else "change"}
        run |= {"repository": {"id": 1}, "head_repository": {"id": 1}, "conclusion": None}
        run |= {"head_commit": {"id": sha, "tree_id": self.git("rev-parse", f"{sha}^{{tree}}")}}
        self.last["github"]["workflow_ref"] = f"example-org/models/{run['path']}@refs/heads/main"
        self._keep(run)
        succeeded = self._jobs(workflow, self.last)
        self._keep(run | {"conclusion": "success" if succeeded else "failure"})
        return succeeded

    def _keep(self, run: dict[str, Any]) -> None:
        state = self.state()
        state["runs"] = [one for one in state["runs"] if one["id"] != run["id"]] + [run]
        self.write(state)

    def run_failed_jobs(self, workflow: str) -> bool:
        """The jobs of the last run that failed, and those that need them, once more: what others said is still true."""
        needs = self.last["needs"]
        failed = {name for name, one in needs.items() if one["result"] == "failure"}
        self.last["github"]["run_attempt"] = "2"
        self.last["needs"] = {name: one for name, one in needs.items() if name not in failed}
        return self._jobs(workflow, self.last)

    def _jobs(self, workflow: str, context: dict[str, Any]) -> bool:
        text = yaml.safe_load((ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text())
        context["vars"] |= self.vars
        for name, job in text["jobs"].items():
            if name not in context["needs"]:
                context["needs"][name] = self._job(workflow, name, job, context)
        return all(one["result"] != "failure" for one in context["needs"].values())

    def _job(self, workflow: str, name: str, job: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        """A job, once for each entry of its matrix: its result and its outputs."""
        expressions = Expressions(context, self.place)
        before = [context["needs"][one]["result"] for one in _listed(job.get("needs", []))]
        wanted = str(job.get("if", ""))
        if not expressions.true(wanted) or ("always()" not in wanted and set(before) - {"success"}):
            return {"result": "skipped", "outputs": {}}
        try:
            matrix = {key: expressions.value(value[3:-2]) for key, value in _matrix(job).items()}
        except ValueError:
            return {"result": "failure", "outputs": {}}
        results, outputs = [], dict[str, str]()
        for entries in product(*matrix.values()):
            if (name, str(entries)) in self.succeeded:
                continue
            workspace = self.place / "workspace"
            shutil.rmtree(workspace, ignore_errors=True)
            (self.bin / "cardops").unlink(missing_ok=True)
            workspace.mkdir()
            own = context | {"matrix": dict(zip(matrix, entries, strict=True)), "steps": {}}
            run = Job(self, workflow, name, job, workspace, own)
            results.append(run.run())
            self.succeeded |= {(name, str(entries))} if results[-1] else set()
            outputs = {key: run.expressions.filled(value) for key, value in job.get("outputs", {}).items()}
        return {"result": "success" if all(results) else "failure", "outputs": outputs}

    def said(self, name: str) -> str:
        """What the last run of a step printed."""
        return next(one.out for one in reversed(self.ran) if one.name == name)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """git in the origin, or elsewhere."""
        environment = self.world.environment()
        done = subprocess.run(
            ["git", *arguments], cwd=at or self.origin, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)


def _context(event: str, payload: dict[str, Any], number: str) -> dict[str, Any]:
    repository: dict[str, Any] = {"default_branch": "main"}
    github: dict[str, Any] = {
        "event_name": event,
        "repository": "example-org/models",
        "server_url": "https://github.example",
    }
    number_of = payload.get("pull_request", {}).get("number")
    github["ref"] = f"refs/pull/{number_of}/merge" if number_of else "refs/heads/main"
    github |= {"event": {"repository": repository} | payload, "token": "t", "run_id": number, "run_attempt": "1"}
    made = {"github": github, "inputs": payload.get("inputs", {}), "vars": {"CARDOPS_REGION": "eu-west-1"}}
    return made | {"needs": {}, "matrix": {}, "steps": {}}


def _matrix(job: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = job.get("strategy", {}).get("matrix", {})
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
