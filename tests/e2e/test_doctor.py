"""`cardops doctor`: each thing that a set-up can lack is a line with a way out."""

import json
from collections.abc import Callable

import pytest

from support.workspace import CONFIG, Workspace


def checks(world: Workspace, *arguments: str) -> dict[str, dict[str, str]]:
    done = world.cardops("doctor", "--format", "json", *arguments)
    assert done.code in (0, 1, 3), done.err
    return {check["subject"]: check for check in json.loads(done.out)["checks"]}


def test_a_new_repository_lacks_rules_workflows_and_reviews(world: Workspace) -> None:
    world.card("churn")
    world.commit()
    found = checks(world, "--offline")
    assert {name for name, check in found.items() if check["outcome"] == "problem"} == {
        "policies",
        "approvers",
        "workflows",
    }
    assert all(check["fix"] for check in found.values() if check["outcome"] == "problem")
    assert found["git history"]["outcome"] == "ok"
    assert world.cardops("doctor", "--offline").code == 1


def shallow(world: Workspace) -> None:
    world.commit("one")
    world.write(".git/shallow", world.commit("two") + "\n")


def sparse(world: Workspace) -> None:
    world.commit()
    world.git("config", "core.sparseCheckout", "true")


def broken(world: Workspace) -> None:
    world.write("cardops.yaml", "version: 1\n")
    world.commit()


@pytest.mark.parametrize(
    ("damage", "subject", "message"),
    [
        (shallow, "git history", "This clone is shallow."),
        (sparse, "git history", "This checkout is sparse."),
        (broken, "cardops.yaml", "It is not valid"),
    ],
)
def test_a_damaged_repository_says_how_to_mend_it(
    damage: Callable[[Workspace], None], subject: str, message: str, world: Workspace
) -> None:
    damage(world)
    found = checks(world, "--offline")[subject]
    assert (found["outcome"], found["message"].startswith(message)) == ("problem", True)
    assert found["fix"]


def test_an_account_without_a_role_for_reading_is_a_problem(world: Workspace) -> None:
    world.write("cardops.yaml", CONFIG.replace(", plan_role: cardops-plan", "", 1))
    world.card("churn")
    world.commit()
    found = checks(world)["shared-services plan_role"]
    assert (found["outcome"], found["message"]) == ("problem", "The account has no role for reading.")
