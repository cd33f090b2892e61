"""A plan that remembers earlier ones is the plan that remembers nothing; an apply remembers nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.workspace import SHARE, Workspace

pytestmark = pytest.mark.usefixtures("unmeasured")


def plan(world: Workspace, *more: str) -> Any:
    done = world.cardops("plan", "--format", "json", *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def kept(world: Workspace) -> list[Path]:
    return sorted((world.root / ".git/cardops").glob("planned-*"))


def test_plans_are_the_same_with_and_without_a_cache(world: Workspace) -> None:
    for name in ("a", "b", "c"):
        world.card(name)
    world.write("shares/lifecycle.yaml", SHARE)
    first = world.commit()
    assert plan(world, "--no-cache") == plan(world, "--partition", "111111111111/eu-west-1", "--no-cache")
    assert world.apply().code == 0
    assert kept(world) == []
    assert plan(world)["steps"] == []
    assert kept(world)
    world.card("a", purpose="secret words")
    world.card("d", purpose="new")
    (world.root / "cards/c.yaml").unlink()
    for _ in range(2):
        found = plan(world)
        assert sorted((step["kind"], step["resource"]) for step in found["steps"])[:2] == [
            ("create", "d"),
            ("retire", "c"),
        ]
        assert found == plan(world, "--no-cache")
    assert all("secret words" not in file.read_text("utf-8") for file in kept(world))
    world.commit()
    assert plan(world, "--against", first) == plan(world, "--against", first, "--no-cache")
    for file in kept(world):
        file.write_text("damaged", "utf-8")
    assert world.apply().code == 0
    assert {file.read_text("utf-8") for file in kept(world)} == {"damaged"}
    assert plan(world)["steps"] == []
