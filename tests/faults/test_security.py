"""What never gets out, what is never run, and which plan is not taken."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from cardops.cli.app import COMMANDS
from support.fault_scenario import NAMES, STAGES
from support.killable_workspace import KillableWorkspace
from support.undisturbed_run import UndisturbedRun
from support.workspace import DEV, OWNER, SCRIPTS, arn

SECRET_KEY = "MARKER-SECRET-ACCESS-KEY"
MARK = "MARKER-CONTENT"
QUIET = (
    ("validate", "--format", "json"),
    ("validate",),
    ("apply", "--outside-ci"),
    ("apply", "--outside-ci", "--format", "json"),
    ("apply", "--outside-ci", "--only", "narrowing"),
    ("access",),
    ("why", "churn"),
    ("history", "churn"),
)
"""Commands that nobody asks for content. plan, drift, pull and import are asked for it."""


def filled(mark: str) -> dict[str, Any]:
    """Content with the mark in every kind of field. Names of list items are places, which findings may name."""
    return {
        "model_overview": {"model_description": mark, "model_artifact": [mark], "model_owner": mark},
        "intended_uses": {"purpose_of_model": mark, "risk_rating": "Medium"},
        "business_details": {"business_problem": mark},
        "training_details": {"training_observations": mark},
        "evaluation_details": [
            {
                "name": "holdout",
                "evaluation_observation": mark,
                "datasets": [mark],
                "metric_groups": [{"name": "g", "metric_data": [{"name": "m", "type": "string", "value": mark[:60]}]}],
            }
        ],
        "additional_information": {"custom_details": {"note": mark}},
    }


def card(status: str, mark: str) -> str:
    """A card's file."""
    return json.dumps({"name": "churn", "status": status, "owner": "team-a", "content": filled(mark)})


def demand_silent(stack: KillableWorkspace, *arguments: str) -> str:
    """Runs a command; neither content nor a secret is in what it prints."""
    done = stack.cardops(*arguments)
    printed = done.out + done.err
    assert done.code not in (64, 70), (arguments, printed[-2000:])
    assert MARK not in printed, (arguments, printed[-3000:])
    assert SECRET_KEY not in printed, arguments
    return printed


@pytest.fixture
def marked(stack: KillableWorkspace, monkeypatch: pytest.MonkeyPatch) -> KillableWorkspace:
    """A repository whose card and credentials are full of marks."""
    stack.backend.reset()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    for path in (stack.root / "cards").glob("*"):
        path.unlink()
    stack.write("cards/churn.yaml", card("Draft", f"{MARK}-1"))
    stack.commit()
    return stack


def test_no_command_that_was_not_asked_for_it_prints_content_or_secrets(marked: KillableWorkspace) -> None:
    def everything() -> None:
        for arguments in QUIET:
            if arguments[0] in COMMANDS:
                demand_silent(marked, *arguments)

    everything()
    live = filled(f"{MARK}-live")
    marked.client(DEV).update_model_card(ModelCardName=arn("churn"), Content=json.dumps(live))
    marked.write("cards/churn.yaml", card("PendingReview", f"{MARK}-2"))
    marked.commit()
    demand_silent(marked, "validate")
    marked.write("cards/churn.yaml", json.dumps({"name": "churn", "status": "Approved", "owner": "a", "content": live}))
    marked.commit()
    everything()
    assert marked.live("churn")["status"] == "Approved"


def test_a_conflict_shows_the_field_and_only_a_plan_shows_the_values(marked: KillableWorkspace) -> None:
    demand_silent(marked, "apply", "--outside-ci")
    marked.client(DEV).update_model_card(ModelCardName=arn("churn"), Content=json.dumps(filled(f"{MARK}-theirs")))
    marked.write("cards/churn.yaml", card("Draft", f"{MARK}-ours"))
    marked.commit()
    plan = marked.cardops("plan", "--write-role")
    assert "content.intended_uses.purpose_of_model" in plan.out
    assert f"{MARK}-ours" in plan.out
    demand_silent(marked, "apply", "--outside-ci")


@pytest.mark.parametrize(
    "faults",
    [
        [{"fault": "error", "rate": 0.6}],
        [{"fault": "throttle", "operation": "UpdateModelCard"}],
        [{"fault": "drop_before", "operation": "*ModelCard"}],
    ],
    ids=["errors", "throttled", "dropped"],
)
def test_a_failing_call_prints_no_content(marked: KillableWorkspace, faults: list[dict[str, Any]]) -> None:
    demand_silent(marked, "apply", "--outside-ci")
    marked.write("cards/churn.yaml", card("Draft", f"{MARK}-2"))
    marked.commit()
    marked.faults(calls=faults)
    demand_silent(marked, "apply", "--outside-ci")
    marked.faults()


def test_broken_files_and_bugs_print_no_content(
    marked: KillableWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = card("Draft", MARK)
    for text in (whole[:-40], whole.replace('"risk_rating": "Medium"', f'"risk_rating": "{MARK}"'), f"{MARK}: [{MARK}"):
        marked.write("cards/churn.yaml", text)
        demand_silent(marked, "validate")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def bug(*_: object, **__: object) -> None:
        raise RuntimeError(f"a bug with {MARK} in its words")

    monkeypatch.setattr("cardops.cli.validate._check", bug)
    done = marked.cardops("validate")
    assert done.code == 70
    (report,) = tmp_path.glob("cardops-bug-*")
    assert MARK not in done.out + done.err + report.read_text()


def tampered(document: dict[str, Any], how: str) -> dict[str, Any]:
    """plan.json as somebody changed it."""
    digests = dict(document["digests"])
    first = next(iter(digests))
    if how == "a digest":
        digests[first] = "0" * 32
    elif how == "a resource more":
        digests["111111111111/eu-west-1/other"] = digests[first]
    elif how == "a resource less":
        del digests[first]
    elif how == "another repository":
        return document | {"repository": "somebody-else"}
    return document | {"digests": digests}


@pytest.mark.parametrize("how", ["a digest", "a resource more", "a resource less", "another repository"])
def test_a_plan_that_was_changed_is_refused_and_nothing_is_written(
    marked: KillableWorkspace, how: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    assert marked.cardops("plan", "--write-role", "--out", str(path)).code == 0
    path.write_text(json.dumps(tampered(json.loads(path.read_text()), how)))
    start = marked.now()
    done = marked.apply("--plan", str(path))
    assert (done.code, "was changed after it was written" in done.err) == (64, True), done.err
    assert marked.journal(start) == []


def test_a_whole_plan_of_another_repository_is_refused(marked: KillableWorkspace, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    config = (marked.root / "cardops.yaml").read_text()
    marked.write("cardops.yaml", config.replace("gov-test-1a2b", "somebody-else"))
    assert marked.cardops("plan", "--write-role", "--out", str(path)).code == 0
    marked.write("cardops.yaml", config)
    start = marked.now()
    done = marked.apply("--plan", str(path))
    assert (done.code, "is a plan of somebody-else, this is gov-test-1a2b" in done.err) == (64, True), done.err
    assert marked.journal(start, mutating=True) == []


def test_steps_that_were_edited_in_a_plan_file_do_not_run(marked: KillableWorkspace, tmp_path: Path) -> None:
    """Only digests are taken from the file: what runs is planned anew."""
    path = tmp_path / "plan.json"
    assert marked.cardops("plan", "--write-role", "--out", str(path)).code == 0
    text = path.read_text().replace(f"{MARK}-1", "something else").replace(OWNER, "999999999999")
    document = json.loads(text) | {"digests": json.loads(path.read_text())["digests"]}
    path.write_text(json.dumps(document))
    assert marked.apply("--plan", str(path)).code == 0
    assert marked.live("churn")["content"] == filled(f"{MARK}-1")


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle", "code", "codeop"}


def dangers(source: str) -> list[str]:
    """What in a module would run what somebody else wrote."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"{node.lineno}: import {name}" for name in names if name.split(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func) in FORBIDDEN_CALLS:
                found.append(f"{node.lineno}: {ast.unparse(node.func)}()")
            shells = [word for word in node.keywords if word.arg == "shell" and ast.unparse(word.value) != "False"]
            found += [f"{node.lineno}: shell=" for _ in shells]
    return found


@pytest.mark.parametrize(
    ("source", "danger"),
    [
        ("import pickle", "1: import pickle"),
        ("from marshal import loads", "1: import marshal"),
        ("yaml.load(text, Loader=x)", "1: yaml.load()"),
        ("eval(text)", "1: eval()"),
        ("subprocess.run(text, shell=True)", "1: shell="),
        ("subprocess.run(text, shell=maybe)", "1: shell="),
    ],
)
def test_dangers_are_seen(source: str, danger: str) -> None:
    assert dangers(source) == [danger]


def test_nothing_runs_what_somebody_else_wrote() -> None:
    found = {str(path.relative_to(SCRIPTS)): dangers(path.read_text("utf-8")) for path in SCRIPTS.rglob("*.py")}
    assert len(found) > 100
    assert {path: all_ for path, all_ in found.items() if all_} == {}


def test_the_dependencies_are_locked_with_hashes() -> None:
    lines = (SCRIPTS.parent / "requirements.lock").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(pins) > 20
    assert [pin for pin in pins if "==" not in pin] == []
    text = "\n".join(lines)
    assert all("--hash=sha256:" in block for block in text.split("\n\n") if "==" in block)
    assert "--require-hashes" in (SCRIPTS.parent / "Makefile").read_text("utf-8")


def test_a_stale_runner_writes_nothing(year: UndisturbedRun) -> None:
    """An old checkout with write credentials: AWS carries a commit that it lacks."""
    year.stack.restore(year.after[NAMES.index("reshare")])
    year.checkout(1)
    start = year.stack.now()
    done = year.stack.apply()
    assert (done.code, "HEAD lacks it" in done.err) == (3, True)
    assert year.stack.journal(start, mutating=True) == []
    assert len(STAGES) > 1
