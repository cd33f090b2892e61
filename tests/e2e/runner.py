"""Runs the workflows' own steps, as they stand in their files: what `uses` names is played, what `run` says is run."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

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
NAME = re.compile(r"'[^']*'|[a-z_]+(?:\.[\w-]+)+|[a-zA-Z]+\(|&&|\|\||==|!=|[()]")


@dataclass
class Ran:
    """A step that ran: its workflow's name, its own, its exit code, and what it printed."""

    workflow: str
    name: str
    code: int
    out: str


@dataclass
class Runner:
    """GitHub's side: a bare origin, a stand-in `gh`, and a workspace for each run."""

    world: World
    place: Path
    without: frozenset[tuple[str, str]] = frozenset()
    ran: list[Ran] = field(default_factory=list)
    vars: dict[str, str] = field(default_factory=dict)

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
        """One run; True when it succeeded."""
        text = yaml.safe_load((ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text())
        (job,) = text["jobs"].values()
        workspace = self.place / "workspace"
        shutil.rmtree(workspace, ignore_errors=True)
        (self.bin / "cardops").unlink(missing_ok=True)
        workspace.mkdir()
        context = _context(event, payload)
        context["vars"] |= self.vars
        return _Job(self, workflow, job, workspace, context).run()

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


def _context(event: str, payload: dict[str, Any]) -> dict[str, Any]:
    repository = {"default_branch": "main"}
    github = {"event_name": event, "repository": "example-org/models", "server_url": "https://github.example"}
    github |= {"event": {"repository": repository} | payload, "token": "t", "run_id": "1", "run_attempt": "1"}
    return {"github": github, "inputs": payload.get("inputs", {}), "vars": {"CARDOPS_REGION": "eu-west-1"}, "steps": {}}


@dataclass
class _Job:
    runner: Runner
    workflow: str
    job: dict[str, Any]
    workspace: Path
    context: dict[str, Any]
    failed: bool = False
    credentials: dict[str, str] = field(default_factory=dict)

    def run(self) -> bool:
        self.context["github"]["workspace"] = str(self.workspace)
        if not self._true(self.job.get("if", "")):
            return True
        for step in self.job["steps"]:
            wanted = str(step.get("if", ""))
            gone = (self.workflow, step["name"]) in self.runner.without
            if gone or (self.failed and "always()" not in wanted) or not self._true(wanted):
                continue
            code = self._step(step)
            self.failed |= code != 0 and not step.get("continue-on-error")
        return not self.failed

    def _step(self, step: dict[str, Any]) -> int:
        inputs = {key: self._filled(str(value)) for key, value in step.get("with", {}).items()}
        if "run" in step:
            where = self.workspace / self.job["defaults"]["run"]["working-directory"]
            return self._shell(step["name"], step["run"], where, step.get("env", {}))
        code = self._uses(str(step["uses"]).partition("@")[0], inputs)
        self.runner.ran.append(Ran(self.workflow, step["name"], code, ""))
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
        if not (source := self.workspace / inputs["path"]).is_file():
            return 1
        folder = self.runner.place / "gh" / "artifacts" / inputs["name"]
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(source, folder)
        state = self.runner.state()
        head = self.context["github"]["event"].get("pull_request", {}).get("head", {}).get("sha", "")
        made = {"name": inputs["name"], "expired": False, "created_at": str(len(state["artifacts"]))}
        state["artifacts"].append(made | {"workflow_run": {"id": 1, "head_sha": head}})
        self.runner.write(state)
        return 0

    def _shell(self, name: str, text: str, where: Path, extra: dict[str, str]) -> int:
        variables = {key: self._filled(str(value)) for key, value in (self.job.get("env", {}) | extra).items()}
        kept = self.runner.world.environment()
        kept = {key: value for key, value in kept.items() if not key.startswith("AWS_") or key == "AWS_ENDPOINT_URL"}
        environment = kept | self.credentials | variables
        environment |= {"CI": "true", "GITHUB_REPOSITORY": "example-org/models", "GITHUB_ACTOR": "merger"}
        environment |= {"GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1"}
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
            self.runner.ran.append(Ran(self.workflow, name, done.returncode, done.stdout + done.stderr))
        return done.returncode

    def _true(self, condition: str) -> bool:
        return bool(self._value(condition)) if condition else True

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self._value(found[1]) or ""), text)

    def _value(self, expression: str) -> Any:
        """The few operators that the workflows use; a name that is not there is empty."""
        words = {"&&": " and ", "||": " or ", "==": "==", "!=": "!="}

        def python(found: re.Match[str]) -> str:
            word = found[0]
            if word in words or word[0] in "'()":
                return words.get(word, word)
            return word if word.endswith("(") else repr(self._named(word))

        known = {"always": lambda: True, "hashFiles": lambda path: str((self.workspace / path).is_file() or "")}
        return eval(NAME.sub(python, expression), {"__builtins__": {}}, known)  # noqa: S307 - our own workflows

    def _named(self, name: str) -> Any:
        found: Any = self.context
        for part in name.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return found
