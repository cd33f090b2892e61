"""Runs the workflows' own steps, as they stand in their files: what `uses` names is played, what `run` says is run."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from e2e.expressions import Expressions
from e2e.world import OWNER, World

ROOT = Path(__file__).parents[2]
PIP = """\
#!/bin/sh
for last; do :; done
case "$*" in
  *--require-hashes*) test -f "$last" ;;
  *) printf '#!/bin/sh\\nexec env PYTHONPATH=%s/scripts {python} -m cardops "$@"\\n' "$last" > {bin}/cardops
     chmod +x {bin}/cardops ;;
esac
"""


@dataclass
class Ran:
    """A step that ran: its workflow's name, its job's, its own, its exit code, and what it printed."""

    workflow: str
    job: str
    name: str
    code: int
    out: str


@dataclass
class Runner:
    """GitHub's side: a bare origin, a stand-in `gh`, and a workspace for each run."""

    world: World
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
        self._script("gh", f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("stand_in_gh.py")} "$@"\n')
        self._script("aws", '#!/bin/sh\ntest -f "$3" && echo "$@" >> "$GH_STAND_IN/aws"\n')
        self._script("pip", PIP.format(python=sys.executable, bin=self.bin))
        self.forget()

    def forget(self) -> None:
        """GitHub as it was before anybody did anything."""
        empty: dict[str, Any] = {"pulls": {}, "reviews": {}, "commits": {}} | {
            name: [] for name in ("calls", "comments", "issues", "artifacts")
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
        return self._jobs(workflow, self.last)

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
            run = _Job(self, workflow, name, job, workspace, own)
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
    repository = {"default_branch": "main"}
    github = {"event_name": event, "repository": "example-org/models", "server_url": "https://github.example"}
    github |= {"event": {"repository": repository} | payload, "token": "t", "run_id": number, "run_attempt": "1"}
    made = {"github": github, "inputs": payload.get("inputs", {}), "vars": {"CARDOPS_REGION": "eu-west-1"}}
    return made | {"needs": {}, "matrix": {}, "steps": {}}


def _matrix(job: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = job.get("strategy", {}).get("matrix", {})
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass
class _Job:
    runner: Runner
    workflow: str
    name: str
    job: dict[str, Any]
    workspace: Path
    context: dict[str, Any]
    failed: bool = False
    credentials: dict[str, str] = field(default_factory=dict)

    @property
    def expressions(self) -> Expressions:
        """What the job knows by now."""
        return Expressions(self.context, self.workspace)

    def run(self) -> bool:
        self.context["github"]["workspace"] = str(self.workspace)
        for step in self.job["steps"]:
            wanted = str(step.get("if", ""))
            gone = (self.workflow, self.name, step["name"]) in self.runner.without
            if gone or (self.failed and "always()" not in wanted) or not self.expressions.true(wanted):
                continue
            code = self._step(step)
            self.failed |= code != 0 and not step.get("continue-on-error")
        return not self.failed

    def _step(self, step: dict[str, Any]) -> int:
        inputs = {key: self.expressions.filled(str(value)) for key, value in step.get("with", {}).items()}
        if "run" in step:
            where = self.workspace / self.job["defaults"]["run"]["working-directory"]
            code = self._shell(step["name"], step["run"], where, step.get("env", {}))
            if "id" in step:
                told = (self.workspace / "told").read_text().splitlines()
                self.context["steps"][step["id"]] = {"outputs": dict(line.split("=", 1) for line in told)}
            return code
        code = self._uses(str(step["uses"]).partition("@")[0], inputs)
        self.runner.ran.append(Ran(self.workflow, self.name, step["name"], code, ""))
        return code

    def _uses(self, action: str, inputs: dict[str, str]) -> int:
        match action:
            case "actions/checkout":
                self._checkout(inputs)
            case "aws-actions/configure-aws-credentials":
                keys = {"AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000", "AWS_SECRET_ACCESS_KEY": "any"}
                self.credentials = keys | {"AWS_REGION": inputs["aws-region"]}
            case "actions/upload-artifact":
                return self._upload(inputs)
            case "github/codeql-action/upload-sarif":
                text = self.workspace / inputs["sarif_file"]
                return 0 if text.is_file() and '"version": "2.1.0"' in text.read_text() else 1
            case "./tool":
                return self._composite(self.workspace / "tool")
            case _:
                raise AssertionError(f"{action} is not known here")
        return 0

    def _composite(self, at: Path) -> int:
        action = yaml.safe_load((at / "action.yml").read_text())
        self.context["github"]["action_path"] = str(at)
        for step in action["runs"]["steps"]:
            if "run" in step and (
                code := self._shell("", step["run"], self.workspace, {"GITHUB_ACTION_PATH": str(at)})
            ):
                return code
        return 0

    def _checkout(self, inputs: dict[str, str]) -> None:
        assert inputs["persist-credentials"] == "False"
        at, ref, git = self.workspace / inputs["path"], inputs["ref"], self.runner.git
        git("clone", "-q", "--no-checkout", str(self.runner.origin), str(at), at=self.workspace)
        if ref.startswith("refs/"):
            git("fetch", "-q", "origin", ref, at=at)
            git("checkout", "-q", "FETCH_HEAD", at=at)
        else:
            git("checkout", "-q", ref, at=at)

    def _upload(self, inputs: dict[str, str]) -> int:
        """One path becomes the artifact's root; of several, each keeps its place in the workspace."""
        paths = inputs["path"].split()
        found = [path for path in paths if (self.workspace / path).exists()]
        run = self.context["github"]["run_id"]
        folder = self.runner.place / "gh" / "artifacts" / run / inputs["name"]
        if not found or (folder.exists() and inputs.get("overwrite") != "True"):
            return 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for path in found:
            self._copy(self.workspace / path, folder, path if len(paths) > 1 else "")
        state = self.runner.state()
        head = self.context["github"]["event"].get("pull_request", {}).get("head", {}).get("sha", "")
        made = {"name": inputs["name"], "expired": False, "created_at": str(len(state["artifacts"]))}
        state["artifacts"].append(made | {"workflow_run": {"id": int(run), "head_sha": head}})
        self.runner.write(state)
        return 0

    def _copy(self, source: Path, folder: Path, at: str) -> None:
        if source.is_dir():
            shutil.copytree(source, folder / at, dirs_exist_ok=True)
        else:
            target = folder / (at or source.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def _shell(self, name: str, text: str, where: Path, extra: dict[str, str]) -> int:
        variables = {
            key: self.expressions.filled(str(value)) for key, value in (self.job.get("env", {}) | extra).items()
        }
        kept = self.runner.world.environment()
        kept = {key: value for key, value in kept.items() if not key.startswith("AWS_") or key == "AWS_ENDPOINT_URL"}
        environment = kept | self.credentials | variables
        environment |= {"CI": "true", "GITHUB_REPOSITORY": "example-org/models", "GITHUB_ACTOR": "merger"}
        github = self.context["github"]
        environment |= {"GITHUB_RUN_ID": github["run_id"], "GITHUB_RUN_ATTEMPT": github["run_attempt"]}
        environment |= {"GITHUB_OUTPUT": str(self.workspace / "told")}
        environment |= {"GH_STAND_IN": str(self.runner.place / "gh"), "AWS_EC2_METADATA_DISABLED": "true"}
        environment["PATH"] = f"{self.runner.bin}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", text],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if name:
            self.runner.ran.append(Ran(self.workflow, self.name, name, done.returncode, done.stdout + done.stderr))
        return done.returncode
