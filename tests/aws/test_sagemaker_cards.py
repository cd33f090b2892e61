"""SageMaker requests and answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from cardops.aws.sagemaker_cards import Boto3Cards
from cardops.model.desired import CardKey, Status
from cardops.model.errors import CloudError, NotFoundError
from support.stubbed_client import PLACE, WHERE, Stubbed

NAME = "fraud"
ARN = "arn:aws:sagemaker:eu-central-1:111111111111:model-card/fraud"
SECRET = "the purpose nobody may see"


def record(**more: Any) -> dict[str, Any]:
    return {
        "ModelCardArn": ARN,
        "ModelCardName": NAME,
        "ModelCardVersion": 3,
        "Content": '{"b": 1.0, "a": "é"}',
        "ModelCardStatus": "Approved",
        **more,
    }


def described(**more: Any) -> dict[str, Any]:
    return record(CreationTime=datetime(2026, 1, 1, tzinfo=UTC), CreatedBy={}, **more)


@pytest.fixture
def sagemaker(stubbed: Stubbed) -> tuple[Boto3Cards, Stubber]:
    client, stubber = stubbed("sagemaker")
    return Boto3Cards(client, WHERE), stubber


def test_search_follows_pages_even_empty_ones(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    question = {"Resource": "ModelCard", "MaxResults": 100}
    stubber.add_response("search", {"Results": [], "NextToken": "1"}, question)
    first = record(Tags=[{"Key": "t", "Value": "v"}], SecurityConfig={"KmsKeyId": "key"})
    stubber.add_response("search", {"Results": [{"ModelCard": first}], "NextToken": "2"}, question | {"NextToken": "1"})
    bare = record()
    del bare["Content"]
    stubber.add_response("search", {"Results": [{"ModelCard": bare}]}, question | {"NextToken": "2"})
    found = list(cards.search(contents=True))
    assert found[0].key == CardKey(*PLACE, NAME)
    assert found[0].content == '{"a":"é","b":1}'.encode()
    assert (found[0].tags, found[0].kms_key_id, found[0].version) == ({"t": "v"}, "key", 3)
    assert found[1].content is None


def test_search_looks_at_no_content_that_nobody_asks_for(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    stubber.add_response("search", {"Results": [{"ModelCard": record(Content="no JSON")}]})
    (found,) = cards.search(contents=False)
    assert (found.key.name, found.content) == (NAME, None)


def test_search_leaves_out_the_cards_that_the_registry_makes(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    """A package version's own card is in the index too; a card of ours that names a package stays."""
    cards, stubber = sagemaker
    ours = record(ModelPackageGroupName="churn", Tags=[{"Key": "cardops:repository", "Value": "gov"}])
    theirs = record(ModelPackageGroupName="churn", Tags=[])
    stubber.add_response("search", {"Results": [{"ModelCard": theirs}, {"ModelCard": ours}]})
    (found,) = cards.search(contents=False)
    assert found.tags == {"cardops:repository": "gov"}


def test_search_stops_when_a_token_comes_back(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    for _ in range(2):
        stubber.add_response("search", {"Results": [], "NextToken": "1"})
    with pytest.raises(CloudError, match="same page token twice"):
        list(cards.search(contents=True))


def test_names_come_from_all_pages(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    summary = {
        "ModelCardName": NAME,
        "ModelCardArn": ARN,
        "ModelCardStatus": "Draft",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
    }
    stubber.add_response("list_model_cards", {"ModelCardSummaries": [summary], "NextToken": "1"}, {"MaxResults": 100})
    stubber.add_response(
        "list_model_cards",
        {"ModelCardSummaries": [summary | {"ModelCardName": "other"}]},
        {"MaxResults": 100, "NextToken": "1"},
    )
    assert list(cards.names()) == [NAME, "other"]


def test_describe_by_arn_and_version(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    other = ARN.replace("1" * 12, "2" * 12)
    answer = described(ModelCardProcessingStatus="DeletePending") | {"ModelCardArn": other}
    stubber.add_response("describe_model_card", answer, {"ModelCardName": other, "ModelCardVersion": 2})
    card = cards.describe(other, 2)
    assert card.arn == other
    assert (card.status, card.processing, dict(card.tags)) == (Status.APPROVED, "DeletePending", {})


@pytest.mark.parametrize(
    "text",
    [f"not json {SECRET}", f'["{SECRET}"]', "", '{"a": NaN}', '{"a": "\\ud800"}', '{"a":' + "[" * 99_000],
)
def test_content_that_is_not_one_object_is_a_flaw_of_the_card_that_shows_none_of_it(
    sagemaker: tuple[Boto3Cards, Stubber], text: str
) -> None:
    cards, stubber = sagemaker
    stubber.add_response("describe_model_card", described() | {"Content": text})
    card = cards.describe(NAME)
    assert (card.status, card.content) == (Status.APPROVED, None)
    assert card.flaw.startswith("its live JSON cannot be trusted: ")
    assert SECRET not in card.flaw


def test_unknown_status_is_an_error(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    stubber.add_response("describe_model_card", described() | {"ModelCardStatus": "Retired"})
    with pytest.raises(CloudError, match=r"fraud in .*a status that cardops does not know"):
        cards.describe(NAME)


@pytest.mark.parametrize("odd", [{"ModelCardStatus": "Retired"}, {"ModelCardArn": None}])
def test_a_record_of_the_index_that_cannot_be_used_is_left_out_and_the_others_are_not(
    sagemaker: tuple[Boto3Cards, Stubber], odd: dict[str, Any]
) -> None:
    """Its card is described then, and nothing else of its account waits for it."""
    cards, stubber = sagemaker
    other = {key: value for key, value in (record() | odd).items() if value is not None}
    stubber.add_response("search", {"Results": [{"ModelCard": other}, {"ModelCard": record()}]})
    assert [card.arn for card in cards.search(contents=True)] == [ARN]


def test_create_sends_the_bytes_and_a_key_only_if_given(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    request = {"ModelCardName": NAME, "Content": '{"a":"é"}', "ModelCardStatus": "Draft"}
    stubber.add_response("create_model_card", {"ModelCardArn": ARN}, request)
    more = {
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        "SecurityConfig": {"KmsKeyId": "k"},
    }
    stubber.add_response("create_model_card", {"ModelCardArn": ARN}, request | more)
    cards.create(NAME, '{"a":"é"}'.encode(), Status.DRAFT, {}, "")
    cards.create(NAME, '{"a":"é"}'.encode(), Status.DRAFT, {"b": "2", "a": "1"}, "k")


def test_content_and_status_go_in_separate_calls(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    answer = {"ModelCardArn": ARN}
    stubber.add_response("update_model_card", answer, {"ModelCardName": NAME, "Content": "{}"})
    stubber.add_response("update_model_card", answer, {"ModelCardName": NAME, "ModelCardStatus": "Archived"})
    cards.write_content(NAME, b"{}")
    cards.set_status(NAME, Status.ARCHIVED)


def test_tags_in_parts_of_fifty_and_none_without_a_call(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    keys = [f"k{number:02}" for number in range(51)]
    stubber.add_response("add_tags", {}, {"ResourceArn": ARN, "Tags": [{"Key": key, "Value": ""} for key in keys[:50]]})
    stubber.add_response("add_tags", {}, {"ResourceArn": ARN, "Tags": [{"Key": "k50", "Value": ""}]})
    stubber.add_response("delete_tags", {}, {"ResourceArn": ARN, "TagKeys": keys[:50]})
    stubber.add_response("delete_tags", {}, {"ResourceArn": ARN, "TagKeys": ["k50"]})
    cards.add_tags(ARN, dict.fromkeys(keys, ""))
    cards.remove_tags(ARN, keys)
    cards.add_tags(ARN, {})
    cards.remove_tags(ARN, [])


def test_tags_are_read_from_all_pages(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    asked = {"ResourceArn": ARN, "MaxResults": 100}
    stubber.add_response("list_tags", {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "1"}, asked)
    stubber.add_response("list_tags", {"Tags": [{"Key": "b", "Value": "2"}]}, {**asked, "NextToken": "1"})
    assert cards.tags(ARN) == {"a": "1", "b": "2"}


def test_delete_names_the_card_and_a_missing_one_is_not_found(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    stubber.add_client_error(
        "delete_model_card", "ResourceNotFound", "no such card", expected_params={"ModelCardName": NAME}
    )
    with pytest.raises(NotFoundError, match=r"DeleteModelCard on fraud in .*: ResourceNotFound: no such card"):
        cards.delete(NAME)


def test_refused_content_is_not_repeated(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    stubber.add_client_error("update_model_card", "ValidationException", f"'{SECRET}' is too long")
    with pytest.raises(CloudError) as raised:
        cards.write_content(NAME, b"{}")
    assert raised.value.code == "ValidationException"
    assert str(raised.value).endswith("/eu-central-1: ValidationException")


def test_known_reason_of_a_refusal_is_told(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    stubber.add_client_error("update_model_card", "ValidationException", f"Model card is being deleted {SECRET}")
    with pytest.raises(CloudError, match=r"ValidationException: Model Card is being deleted$"):
        cards.write_content(NAME, b"{}")


def test_versions_are_listed_oldest_first(sagemaker: tuple[Boto3Cards, Stubber]) -> None:
    cards, stubber = sagemaker
    days = {number: datetime(2026, 1, number, tzinfo=UTC) for number in (1, 2)}
    summaries = [
        {
            "ModelCardName": NAME,
            "ModelCardArn": ARN,
            "ModelCardStatus": "Draft",
            "ModelCardVersion": number,
            "CreationTime": days[number],
        }
        for number in (2, 1)
    ]
    stubber.add_response("list_model_card_versions", {"ModelCardVersionSummaryList": summaries})
    found = cards.versions(NAME)
    assert [one.version for one in found] == [1, 2]
    assert found[0].created == found[0].modified == "2026-01-01T00:00:00+00:00"
