"""Page tokens are positions: deleting while paging hides nothing, and nothing appears twice."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from cardops.sandbox.core.operations import Call
from cardops.sandbox.core.paging import page
from cardops.sandbox.faults import Faults
from cardops.sandbox.identity import Caller
from cardops.sandbox.options import Options
from cardops.sandbox.search_index import SearchIndexes
from cardops.sandbox.state import State
from support.sandbox_client import CONSUMER, SandboxClient, code, drain


def call(token: str | None, size: int) -> Call:
    params: dict[str, Any] = {"MaxResults": size} | ({"NextToken": token} if token else {})
    caller, options = Caller("111111111111"), Options()
    more = (params, 0.0, State(), options, Faults(), SearchIndexes())
    return Call("sagemaker", "ListModelCards", "us-east-1", caller, *more)


@given(
    st.lists(st.integers(0, 999), unique=True, min_size=1, max_size=60),
    st.integers(1, 12),
    st.lists(st.sets(st.integers(0, 999), max_size=20), max_size=60),
)
def test_rows_that_stay_are_listed_once_whatever_is_deleted_meanwhile(
    rows: list[int], size: int, deletions: list[set[int]]
) -> None:
    seen: list[int] = []
    token: str | None = None
    present = list(rows)
    pages = iter(deletions)
    while True:
        found, token = page(call(token, size), present, size, str)
        seen += found
        if token is None:
            break
        gone = next(pages, set())
        present = [row for row in present if row not in gone]
    assert len(seen) == len(set(seen))
    assert set(present) <= set(seen)


def test_deleting_every_listed_card_reaches_all(world: SandboxClient) -> None:
    names = {f"card-{number}" for number in range(25)}
    for name in names:
        world.card(name)
    seen: set[str] = set()
    more: dict[str, Any] = {}
    while True:
        reply = world.cards().list_model_cards(MaxResults=10, **more)
        for row in reply["ModelCardSummaries"]:
            seen.add(row["ModelCardName"])
            world.cards().delete_model_card(ModelCardName=row["ModelCardName"])
        world.advance(10)
        if "NextToken" not in reply:
            break
        more = {"NextToken": reply["NextToken"]}
    assert seen == names


def test_an_empty_first_page_comes_now_and_then(world: SandboxClient) -> None:
    world.share([world.card()], [CONSUMER])
    ask = world.ram().get_resource_share_associations
    replies = [ask(associationType="RESOURCE") for _ in range(6)]
    empty = [not reply["resourceShareAssociations"] for reply in replies]
    assert empty == [True, False, False, True, False, False]
    assert all(("nextToken" in reply) is nothing for reply, nothing in zip(replies, empty, strict=True))
    assert len(drain(ask, associationType="RESOURCE")) == 1


def test_too_many_results_is_the_error_that_the_model_has(world: SandboxClient) -> None:
    for ask, wanted in (
        (lambda: world.ram().get_resource_share_invitations(maxResults=501), "InvalidMaxResultsException"),
        (lambda: world.ram().list_resources(resourceOwner="SELF", maxResults=501), "InvalidParameterException"),
        (lambda: world.cards().list_model_cards(MaxResults=101), "ValidationException"),
    ):
        with pytest.raises(ClientError) as error:
            ask()
        assert code(error) == wanted
