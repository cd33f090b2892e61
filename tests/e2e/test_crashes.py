"""Killed with SIGKILL, many calls at a time; tests/faults kills at every call, in one process."""

import random
import time
from typing import Any

import pytest

from support.profiles import NIGHTLY
from support.workspace import OWNER, PERMITTING, Workspace

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

CARDS = 150
POINTS = 16 if NIGHTLY else 6


def declare(world: Workspace, stage: int) -> None:
    """Two merges over all cards: the second creates, updates, promotes, demotes and shares."""
    for number in range(CARDS):
        name = f"card-{number:03}"
        if stage == 1:
            if number % 4:
                world.card(name, "Approved" if number % 4 == 3 else "Draft")
        else:
            status = ("Draft", "Approved", "PendingReview", "Draft")[number % 4]
            world.card(name, status, purpose="first" if number % 4 == 2 else "second")
    world.commit(f"stage {stage}")


def end_state(world: Workspace) -> dict[str, Any]:
    """All cards, and all live shares by what they grant, without times and ARNs."""
    client, ram = world.client(OWNER), world.client(OWNER, "ram")
    pages = client.get_paginator("list_model_cards").paginate()
    cards = {
        card["ModelCardName"]: world.live(card["ModelCardName"])
        for page in pages
        for card in page["ModelCardSummaries"]
    }
    for card in cards.values():
        card["tags"].pop("cardops:commit")
    shares = []
    for share in ram.get_paginator("get_resource_shares").paginate(resourceOwner="SELF").search("resourceShares"):
        if share["status"] == "ACTIVE":
            found = ram.get_paginator("get_resource_share_associations").paginate(
                associationType="RESOURCE", resourceShareArns=[share["resourceShareArn"]]
            )
            held = [
                a["associatedEntity"] for a in found.search("resourceShareAssociations") if a["status"] == "ASSOCIATED"
            ]
            shares.append((share["name"], sorted(held)))
    return {"cards": cards, "shares": sorted(shares)}


def check_promises(world: Workspace) -> None:
    """Reads the journal alone: no Approved card was written, and no access came before its content."""
    status: dict[str, str] = {}
    content: dict[str, int] = {}
    for call in world.journal(mutating=True):
        if call["error"]:
            continue
        given, operation = call["parameters"], call["operation"]
        name = str(given.get("ModelCardName", "")).rsplit("/", 1)[-1]
        if operation == "CreateModelCard":
            assert name not in status, f"{name} was created twice"
            status[name], content[name] = given["ModelCardStatus"], call["n"]
            assert given["ModelCardStatus"] == "Draft"
        elif operation == "UpdateModelCard":
            assert ("Content" in given) != ("ModelCardStatus" in given)
            if "Content" in given:
                assert status[name] != "Approved", f"{name} was written while Approved"
                content[name] = call["n"]
            else:
                status[name] = given["ModelCardStatus"]
        elif operation in ("CreateResourceShare", "AssociateResourceShare"):
            for arn in given.get("resourceArns", []):
                assert content[arn.rsplit("/", 1)[-1]] < call["n"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """The end state of a run that nobody disturbs, and how many calls its second apply makes."""
    from cardops.sandbox.core.server import Sandbox

    with Sandbox(options=PERMITTING) as sandbox:
        world = Workspace(tmp_path_factory.mktemp("undisturbed") / "repository", sandbox.url)
        try:
            return finish(world, None)
        finally:
            world.close()


def finish(world: Workspace, kill_after: int | None) -> tuple[dict[str, Any], int]:
    """Both merges; the second apply is killed after so many calls, and run again."""
    declare(world, 1)
    assert world.apply().code == 0
    declare(world, 2)
    (world.root / "cardops.yaml").write_text(
        (world.root / "cardops.yaml").read_text() + "safety: {max_updates: 100%, max_revokes: 100%}\n"
    )
    world.commit("lift the limits")
    start = len(world.journal(mutating=True))
    if kill_after is not None:
        with world.start("apply", "--outside-ci") as process:
            while process.poll() is None and len(world.journal(mutating=True)) - start < kill_after:
                time.sleep(0.005)
            process.kill()
            out, err = process.communicate()
        assert len(world.journal(mutating=True)) - start >= kill_after, out + err
    done = world.apply()
    assert done.code == 0, done.out[-3000:] + done.err[-3000:]
    calls = len(world.journal(mutating=True)) - start
    assert world.cardops("plan", "--detailed-exitcode").code == 0
    return end_state(world), calls


@pytest.mark.parametrize("point", range(POINTS))
def test_a_killed_apply_is_finished_by_the_next(
    world: Workspace, undisturbed: tuple[dict[str, Any], int], point: int
) -> None:
    expected, calls = undisturbed
    moment = random.Random(point).randrange(1, calls)  # noqa: S311 - which call is killed is no secret
    state, _ = finish(world, moment)
    assert state == expected
    check_promises(world)
