"""`cardops init --github`: five lines a workflow, and CODEOWNERS that is in step or said not to be."""

import subprocess
import sys
from pathlib import Path

import yaml

from support.workspace import CONFIG, Workspace

TOOL = f"example-org/cardops@{'0' * 40}"
ROOT = Path(__file__).parents[2]


def test_the_workflows_call_cardops_own_with_the_permissions_that_these_ask_for(world: Workspace) -> None:
    world.write("cardops.yaml", CONFIG.replace("signoff: none", "approvers: {model-risk: [lead]}"))
    world.card("churn")
    world.write("CODEOWNERS", "* @example-org/everybody\n")
    assert "has no lines of cardops" in world.cardops("init", "--github", "--check").out
    done = world.cardops("init", "--github", "--tool", TOOL)
    assert done.code == 0, done.err
    for name in ("validate", "plan", "reconcile", "drift"):
        path = world.root / ".github" / "workflows" / f"cardops-{name}.yml"
        (call,) = yaml.safe_load(path.read_text())["jobs"].values()
        own = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())
        asked = [job["permissions"] for job in own["jobs"].values()]
        most = {name: max(one.get(name, "") for one in asked) for one in asked for name in one}
        assert call["permissions"] == most, "write is more than read, and begins with a later letter"
        assert call["uses"] == f"example-org/cardops/.github/workflows/{name}.yml@{'0' * 40}"
        assert call["with"].keys() <= own[True]["workflow_call"]["inputs"].keys()
        assert len(call) <= 5
    assert world.cardops("init", "--github", "--check").code == 0
    checks = ["vendor.github-workflows", *(str(path) for path in (world.root / ".github" / "workflows").iterdir())]
    programs = Path(sys.executable).parent
    subprocess.run([programs / "check-jsonschema", "--builtin-schema", *checks], check=True, capture_output=True)
    audit = [programs / "zizmor", "--offline", "--no-progress", "--quiet", str(world.root / ".github" / "workflows")]
    audited = subprocess.run(audit, check=False, capture_output=True, text=True)
    assert audited.returncode == 0, audited.stdout
    world.card("risk")
    out = world.cardops("init", "--github", "--check")
    assert out.code == 1
    assert "+ /cards/risk.yaml @example-org/team-a @example-org/model-risk" in out.out
    assert (world.root / "CODEOWNERS").read_text().startswith("* @example-org/everybody\n")


def test_a_tool_that_is_no_commit_and_flags_alone_are_wrong_usage(world: Workspace) -> None:
    assert "a tag can be moved" in world.cardops("init", "--github", "--tool", "example-org/cardops@v1").err
    assert world.cardops("init", "--check").code == 64
    assert "Cannot infer the GitHub organization" in world.cardops("init", "--github", "--tool", TOOL).err


def test_a_start_that_is_refused_writes_nothing(world: Workspace) -> None:
    for arguments, said in (
        ([], "Pass --organization NAME"),
        (["--organization", "o", "--tool", "o/t@main"], "OWNER/NAME@COMMIT"),
    ):
        done = world.cardops("init", "new", "--github", *arguments)
        assert (done.code, said in done.err) == (64, True), done
        assert not (world.root / "new").exists()
    assert world.cardops("init", "new", "--github", "--organization", "example-org").code == 0
    assert (world.root / "new/CODEOWNERS").read_text().startswith("# cardops: from here on")
