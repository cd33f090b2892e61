"""KMS requests and answers, and what observe makes of them."""

from typing import Any

import pytest
from botocore.stub import Stubber

from cardops.aws.kms_keys import Boto3Keys
from cardops.model.desired import CardKey
from cardops.model.errors import CloudError, NotFoundError
from cardops.model.observed import ObservedCard, ObservedKey
from cardops.model.ports import KeyGrant
from cardops.observed.references import observe_keys
from support.builders import DRAFT, card, desired
from support.stubbed_client import PLACE, WHERE, Stubbed

ARN = "arn:aws:kms:eu-central-1:111111111111:key/k"
OTHER = "arn:aws:kms:eu-central-1:111111111111:key/other"


class OneKms:
    """A cloud whose every place has these keys."""

    def __init__(self, port: Boto3Keys) -> None:
        self.port = port

    def keys(self, place: object) -> Boto3Keys:
        return self.port


@pytest.fixture
def kms(stubbed: Stubbed) -> tuple[Boto3Keys, Stubber]:
    client, stubber = stubbed("kms")
    return Boto3Keys(client, WHERE), stubber


def describe(stubber: Stubber, key_id: str) -> None:
    stubber.add_response("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": ARN}}, {"KeyId": key_id})


def test_an_alias_is_resolved_and_a_policy_asked_for_by_the_keys_own_arn(kms: tuple[Boto3Keys, Stubber]) -> None:
    port, stubber = kms
    describe(stubber, "alias/cards")
    stubber.add_response("get_key_policy", {"Policy": "{}"}, {"KeyId": ARN, "PolicyName": "default"})
    assert port.arn("alias/cards") == ARN
    assert port.policy(ARN) == "{}"


def test_grants_are_listed_over_all_pages(kms: tuple[Boto3Keys, Stubber]) -> None:
    port, stubber = kms
    one = {"GranteePrincipal": "arn:aws:iam::444444444444:role/x", "Operations": ["Decrypt", "GenerateDataKey"]}
    first = {"Grants": [one], "NextMarker": "m", "Truncated": True}
    stubber.add_response("list_grants", first, {"KeyId": ARN, "Limit": 100})
    last = {"Grants": [{"GrantId": "g"}], "Truncated": False}
    stubber.add_response("list_grants", last, {"KeyId": ARN, "Limit": 100, "Marker": "m"})
    assert port.grants(ARN) == [
        KeyGrant("arn:aws:iam::444444444444:role/x", frozenset({"Decrypt", "GenerateDataKey"})),
        KeyGrant("*", frozenset()),
    ]


def test_a_missing_key_and_an_answer_without_arn_are_errors(kms: tuple[Boto3Keys, Stubber]) -> None:
    port, stubber = kms
    stubber.add_client_error("describe_key", "NotFoundException", "Alias is not found.")
    with pytest.raises(NotFoundError, match="kms:DescribeKey on alias/none"):
        port.arn("alias/none")
    stubber.add_response("describe_key", {"KeyMetadata": {"KeyId": "k"}})
    with pytest.raises(CloudError, match="lacks Arn"):
        port.arn("k")


def seen(port: Boto3Keys, declared: str, live: str, shared: set[str]) -> dict[Any, ObservedKey]:
    wanted = card(kms_key_id=declared, place=PLACE)
    found = ObservedCard(CardKey(*PLACE, "churn"), DRAFT, 1, b"{}", kms_key_id=live)
    return observe_keys(OneKms(port), PLACE, desired(wanted), {found.key: found}, shared)


def test_no_call_is_made_for_keys_that_are_written_alike(kms: tuple[Boto3Keys, Stubber]) -> None:
    assert seen(kms[0], "alias/cards", "alias/cards", set()) == {}


def test_only_aliases_and_ids_are_resolved(kms: tuple[Boto3Keys, Stubber]) -> None:
    describe(kms[1], "alias/cards")
    assert seen(kms[0], "alias/cards", OTHER, set()) == {
        (PLACE, "alias/cards"): ObservedKey(ARN),
        (PLACE, OTHER): ObservedKey(OTHER),
    }


def test_a_refusal_is_kept_with_what_is_known(kms: tuple[Boto3Keys, Stubber]) -> None:
    describe(kms[1], "alias/cards")
    kms[1].add_client_error("get_key_policy", "AccessDeniedException", "no")
    (found,) = seen(kms[0], "alias/cards", "alias/cards", {"alias/cards"}).values()
    assert (found.arn, found.policy) == (ARN, "")
    assert "kms:GetKeyPolicy" in found.why
