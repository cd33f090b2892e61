"""A job of a workflow: what `uses` names is played, what `run` says is run."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from support.workflow_expressions import Expressions
from support.workspace import OWNER

if TYPE_CHECKING:
    from support.workflow_runner import WorkflowRunner


@dataclass
class Ran:
    """A step that ran: its workflow's name, its job's, its own, its exit code, and what it printed."""

    workflow: str
    job: str
    name: str
    code: int
    out: str


@dataclass
class Job:
    """One job on a fresh machine; `context` is what expressions see."""

    runner: "WorkflowRunner"
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
            where = self.workspace / step.get("working-directory", self.job["defaults"]["run"]["working-directory"])
            code = self._shell(step["name"], step["run"], where, step.get("env", {}))
            if "id" in step:
                told = (self.workspace / "told").read_text().splitlines()
                self.context["steps"][step["id"]] = {"outputs": dict(line.split("=", 1) for line in told)}
            return code
        code = self._uses(str(step["uses"]).partition("@")[0], inputs, str(step.get("id", "")))
        self.runner.ran.append(Ran(self.workflow, self.name, step["name"], code, ""))
        return code

    def _uses(self, action: str, inputs: dict[str, str], step_id: str) -> int:
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
            case "actions/create-github-app-token":
                self.context["steps"][step_id] = {"outputs": {"token": "app"}}
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
        if not where.is_dir():  # an earlier step was to make it
            self.runner.ran.append(Ran(self.workflow, self.name, name, 1, f"{where.name} does not exist"))
            return 1
        variables = {
            key: self.expressions.filled(str(value)) for key, value in (self.job.get("env", {}) | extra).items()
        }
        kept = self.runner.world.environment()
        kept = {key: value for key, value in kept.items() if not key.startswith("AWS_") or key == "AWS_ENDPOINT_URL"}
        environment = kept | self.credentials | variables
        environment |= {"CI": "true", "GITHUB_REPOSITORY": "example-org/models", "GITHUB_ACTOR": "merger"}
        github = self.context["github"]
        environment |= {"GITHUB_RUN_ID": github["run_id"], "GITHUB_RUN_ATTEMPT": github["run_attempt"]}
        environment |= {"GITHUB_OUTPUT": str(self.workspace / "told"), "GITHUB_SERVER_URL": github["server_url"]}
        environment |= {"GITHUB_WORKFLOW_REF": github["workflow_ref"]}
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
