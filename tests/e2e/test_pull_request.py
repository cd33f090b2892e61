"""What a pull request's run shows: the plan against main from one look at AWS, in every format."""

import json
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from support.workspace import SCRIPTS, Workspace, operations

SCHEMAS = Path(__file__).parents[2] / "policies" / "schemas"


def test_a_pull_request_shows_its_own_part_and_main_s_leftovers_from_one_look(world: Workspace) -> None:
    world.card("churn", "PendingReview")
    world.commit()
    assert world.apply().code == 0
    world.card("forgotten")
    base = world.commit("main, which nobody applied")
    world.git("checkout", "-q", "-b", "approve")
    world.card("churn", "Approved")
    world.commit()
    start = world.now()
    done = world.cardops("plan", "--against", "main", "--format", "markdown", "--out", "plan.json")
    assert done.code == 0, done.err
    assert done.out.startswith(
        "✍️ **Your approval signs `churn`. Merging this changes 1 card, and `ml-prod` will gain access.**\n"
    )
    own, apart = done.out.split("Left over from earlier merges", 1)
    assert "forgotten" not in own
    assert "`forgotten` (`shared-services`): created" in apart
    assert "- content: all of it, since no version of it was Approved before" in own
    calls = operations(world.journal(start))
    assert calls.count("Search") == 1
    assert world.journal(start, mutating=True) == []
    document = json.loads((world.root / "plan.json").read_text("utf-8"))
    Draft202012Validator(json.loads((SCHEMAS / "plan.schema.json").read_text())).validate(document)
    assert document["against"]["commit"] == base
    assert document["against"]["digests"].items() < document["digests"].items()
    assert [key for key in document["against"]["leftovers"] if "/permission/" not in key]
    assert world.apply("--plan", "plan.json").code == 0


def test_main_s_view_of_a_card_is_not_the_change_s(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    assert world.apply().code == 0
    world.card("churn", purpose="second")
    world.commit("main changes it, and nobody applied that")
    world.git("checkout", "-q", "-b", "revert")
    world.card("churn")
    world.commit("what is live is what is declared again")
    text = world.cardops("plan", "--against", "main").out
    assert "Prevented by this change:\n  update churn" in text
    assert "~ content" not in text


def test_a_later_approval_shows_all_that_changed_since_the_last_one(world: Workspace) -> None:
    world.card("churn", "Approved", "signed")
    approved = world.commit()
    for purpose in ("in between", "newest"):
        world.card("churn", "PendingReview", purpose)
        world.commit()
    assert world.apply().code == 0
    world.card("churn", "Approved", "newest")
    out = world.cardops("plan", "--format", "markdown", "--url", "https://git.example/o/r").out
    assert f"- content: 1 field changed since it was last Approved, in commit `{approved[:12]}`" in out
    assert '- "signed"\n+ "newest"' in out
    assert "in between" not in out


def test_the_conflict_of_one_card_does_not_block_another_pull_request(world: Workspace) -> None:
    world.card("churn")
    world.card("other")
    world.commit()
    assert world.apply().code == 0
    world.contribute("churn", {"intended_uses": {"purpose_of_model": "written through the API"}})
    world.card("churn", purpose="written in git")
    world.commit("a conflict on main")
    world.git("checkout", "-q", "-b", "elsewhere")
    world.card("other", purpose="second")
    world.commit()
    done = world.cardops("plan", "--against", "main", "--format", "markdown")
    assert done.code == 0, done.err
    assert done.out.startswith("✅ **Merging this changes 1 card.**\n")
    assert "1 finding in 1 file that this pull request does not touch (1 deny). None of them blocks it." in done.out
    world.card("churn", purpose="touched here too")
    world.commit()
    touched = world.cardops("plan", "--against", "main", "--format", "markdown")
    assert touched.code == 1
    assert touched.out.startswith("⛔ **1 finding to fix before this can be merged.**\n")
    assert world.cardops("plan").code == 1


def test_who_can_use_a_card_already_is_part_of_what_is_signed(world: Workspace) -> None:
    world.card("churn", "PendingReview")
    world.commit()
    assert world.apply().code == 0
    world.card("churn", "Approved")
    world.commit()
    text = world.cardops("plan", "--format", "markdown").out
    assert "- access: `ml-test` can read it already" in text
    assert "- access: `ml-dev` can read and write it already" in text
    assert "- access: `ml-prod` (`444444444444`) will be able to read it" in text


def test_an_unknown_revision_is_one_line(world: Workspace) -> None:
    world.commit()
    done = world.cardops("plan", "--against", "nowhere")
    assert (done.code, done.out) == (3, "")
    assert "git does not know the revision 'nowhere'" in done.err


def test_files_that_cannot_be_planned_are_reported_in_the_format_that_was_asked_for(world: Workspace) -> None:
    world.commit()
    world.write("cardops.yaml", "version: 2\n")
    done = world.cardops("plan", "--format", "github")
    assert done.code == 1
    assert done.out.startswith("::error file=cardops.yaml,line=")


def test_validate_never_imports_boto3_whatever_the_format(world: Workspace) -> None:
    world.commit()
    modules = "sorted(name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore'))"
    for form in ("github", "sarif", "junit", "markdown", "json", "text"):
        code = f"import sys; from cardops.cli.app import run; run(['validate', '--format', {form!r}]); print({modules})"
        environment = world.environment() | {"PYTHONPATH": str(SCRIPTS)}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=world.root, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]", form
