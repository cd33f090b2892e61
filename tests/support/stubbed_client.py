"""Adapters over real botocore clients whose answers are stubbed: botocore checks requests and answers."""

from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from cardops.aws.errors import Where
from cardops.model.desired import AccountRegion

PLACE = AccountRegion("111111111111", "eu-central-1")
WHERE = Where(PLACE, "arn:aws:iam::111111111111:role/cardops")

Stubbed = Callable[[str], tuple[Any, Stubber]]


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Makes a client and its stubber; at the end every expected call must have been made."""
    stubbers: list[Stubber] = []

    def make(service: str) -> tuple[Any, Stubber]:
        client = botocore.session.Session().create_client(
            service, region_name=PLACE.region, aws_access_key_id="a", aws_secret_access_key="b"
        )
        stubber = Stubber(client)
        stubber.activate()
        stubbers.append(stubber)
        return client, stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()
