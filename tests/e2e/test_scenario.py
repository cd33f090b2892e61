"""The scenario over three consumer accounts: after each merge, who can see and write the card, found out by calling."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.workspace import CONFIG, DEV, SHARE, Workspace

pytestmark = pytest.mark.usefixtures("unmeasured")

STAGES = ("Draft", "PendingReview", "Approved", "Draft", "Archived")
NOBODY = {"ml-dev": "", "ml-test": "", "ml-prod": ""}
READERS = {"PendingReview": {"ml-test": "read"}, "Approved": {"ml-test": "read", "ml-prod": "read"}}


@pytest.fixture(params=["in an organization", "among strangers"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    """Accounts of one organization, or accounts that have to be invited."""
    strangers = request.param == "among strangers"
    with Sandbox(options=Options(customer_permissions=True, organization=not strangers)) as sandbox:
        found = Workspace(tmp_path / "repository", sandbox.url)
        consumer = "role: cardops-consumer, plan_role: cardops-plan"
        outside = f"{consumer}, external: true" if strangers else consumer
        found.write("cardops.yaml", CONFIG.replace("role: cardops-consumer", outside))
        yield found
        found.close()


def merge(world: Workspace, status: str, applies: int = 1) -> None:
    """What is in the work tree becomes a commit, and is applied; the last time everything is done."""
    world.commit(status)
    done = [world.apply() for _ in range(applies)]
    assert done[-1].code == 0, done


def at_rest(world: Workspace) -> None:
    """Nothing is left to do, and nobody did anything else."""
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    assert world.cardops("drift").code == 0


def test_access_follows_the_status_of_a_card_that_the_home_account_owns(world: Workspace) -> None:
    for status in STAGES:
        world.card("churn", status)
        merge(world, status)
        assert world.live("churn")["status"] == status
        contributes = {"ml-dev": "write"} if status in ("Draft", "PendingReview") else {}
        assert world.access("churn") == NOBODY | contributes | READERS.get(status, {}), status
    at_rest(world)


def test_access_follows_the_status_of_a_hubs_copy_and_the_spoke_keeps_its_card(world: Workspace) -> None:
    world.write(
        "shares/lifecycle.yaml", SHARE.replace('["*"]', '["hub-*"]').replace("  - {to: ml-dev", "  # {to: ml-dev")
    )
    for status in STAGES:
        world.card("churn", status, account="ml-dev")
        origin = "aggregate_from: {account: ml-dev, card: churn}"
        world.write("cards/hub-churn.yaml", f"name: hub-churn\nstatus: {status}\nowner: team-a\n{origin}\n")
        merge(world, status, applies=2)  # the copy of a spoke that git declares is one apply behind it
        spoke = world.client(DEV).describe_model_card(ModelCardName="churn")
        assert (spoke["ModelCardStatus"], world.live("hub-churn")["status"]) == (status, status)
        assert world.access("hub-churn") == NOBODY | READERS.get(status, {}), status
    at_rest(world)
