"""Facts about SageMaker model cards that the sandbox promises, through boto3 over HTTP."""

import json

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, OWNER, REGION, MakeSandbox, SandboxClient, code, message


def test_content_comes_back_as_it_was_sent(world: SandboxClient) -> None:
    content = '{ "intended_uses": {"purpose_of_model": "Grüße\\n"},\n "b":1.0}'
    world.card(Content=content)
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert described["Content"] == content
    assert described["ModelCardVersion"] == 1
    assert described["ModelCardArn"] == f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/churn"


def test_content_over_100_000_characters_is_refused(world: SandboxClient) -> None:
    world.card("fits", Content=json.dumps("x" * 99_998))
    with pytest.raises(ClientError) as error:
        world.card("long", Content=json.dumps("x" * 99_999))
    assert code(error) == "ValidationException"
    assert "length less than or equal to 100000" in message(error)


def test_the_message_of_a_validation_error_does_not_show_the_sensitive_content(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card(Content=json.dumps("secret" * 20_000))
    assert "secret" not in message(error)


def test_content_that_is_not_json_is_refused(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.card(Content="{")
    assert (code(error), message(error)) == ("ValidationException", "Content is not valid JSON")


@pytest.mark.parametrize("name", ["-a", "a-", "a_b", "a" * 64, "a.b"])
def test_names_follow_the_pattern(world: SandboxClient, name: str) -> None:
    with pytest.raises(ClientError) as error:
        world.card(name)
    assert code(error) == "ValidationException"


@pytest.mark.parametrize("name", ["a", "a--b", "A1", "a" * 63])
def test_names_that_follow_the_pattern_are_accepted(world: SandboxClient, name: str) -> None:
    assert world.card(name).endswith(f"/{name}")


def test_a_second_card_of_a_name_is_a_conflict(world: SandboxClient) -> None:
    world.card()
    with pytest.raises(ClientError) as error:
        world.card()
    assert code(error) == "ConflictException"


def test_the_quota_of_cards_is_resource_limit_exceeded(make_world: MakeSandbox) -> None:
    world = make_world(cards_per_region=1)
    world.card("a")
    with pytest.raises(ClientError) as error:
        world.card("b")
    assert code(error) == "ResourceLimitExceeded"


def test_a_missing_card_is_resource_not_found(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        world.cards().describe_model_card(ModelCardName="none")
    assert code(error) == "ResourceNotFound"


def test_accounts_and_regions_do_not_see_each_others_cards(world: SandboxClient) -> None:
    world.card()
    for client in (world.cards(CONSUMER), world.cards(region="eu-west-1")):
        assert client.list_model_cards()["ModelCardSummaries"] == []
        with pytest.raises(ClientError) as error:
            client.describe_model_card(ModelCardName="churn")
        assert code(error) == "ResourceNotFound"


def test_a_content_update_makes_a_version_that_keeps_the_status(world: SandboxClient) -> None:
    world.card(status="PendingReview")
    world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}')
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert (described["ModelCardVersion"], described["ModelCardStatus"]) == (2, "PendingReview")
    assert described["Content"] == '{"n":2}'


def test_the_status_of_an_edited_card_is_a_switch(make_world: MakeSandbox) -> None:
    world = make_world(edited_status="Draft")
    world.card(status="Approved")
    world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}')
    assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardStatus"] == "Draft"


def test_a_status_update_makes_no_version_and_keeps_the_content(world: SandboxClient) -> None:
    world.card()
    world.cards().update_model_card(ModelCardName="churn", ModelCardStatus="Approved")
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert (described["ModelCardVersion"], described["ModelCardStatus"]) == (1, "Approved")
    assert described["Content"] == '{"n":1}'


def test_a_status_belongs_to_a_version(world: SandboxClient) -> None:
    world.card()
    world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}')
    world.cards().update_model_card(ModelCardName="churn", ModelCardStatus="Approved")
    rows = world.cards().list_model_card_versions(ModelCardName="churn")["ModelCardVersionSummaryList"]
    assert [(row["ModelCardVersion"], row["ModelCardStatus"]) for row in rows] == [(2, "Approved"), (1, "Draft")]
    first = world.cards().describe_model_card(ModelCardName="churn", ModelCardVersion=1)
    assert (first["Content"], first["ModelCardStatus"]) == ('{"n":1}', "Draft")


def test_content_and_status_in_one_call_are_refused(world: SandboxClient) -> None:
    world.card()
    with pytest.raises(ClientError) as error:
        world.cards().update_model_card(ModelCardName="churn", Content="{}", ModelCardStatus="Approved")
    assert code(error) == "ValidationException"
    assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 1


def test_content_and_status_in_one_call_are_accepted_under_the_other_setting(make_world: MakeSandbox) -> None:
    world = make_world(one_field_updates=False)
    world.card()
    world.cards().update_model_card(ModelCardName="churn", Content="{}", ModelCardStatus="Approved")
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert (described["ModelCardVersion"], described["ModelCardStatus"]) == (2, "Approved")


@pytest.mark.parametrize("change", [{"Content": "{}"}, {"ModelCardStatus": "Draft"}])
def test_an_archived_card_is_frozen(world: SandboxClient, change: dict[str, str]) -> None:
    world.card(status="Archived")
    with pytest.raises(ClientError) as error:
        world.cards().update_model_card(ModelCardName="churn", **change)
    assert (code(error), message(error)) == ("ValidationException", "Model Card is in Archived state")


def test_the_freeze_of_archived_cards_is_a_switch(make_world: MakeSandbox) -> None:
    world = make_world(archived_frozen=False)
    world.card(status="Archived")
    world.cards().update_model_card(ModelCardName="churn", Content="{}")
    assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 2


def test_unarchiving_is_a_switch_that_leaves_the_content_frozen(make_world: MakeSandbox) -> None:
    world = make_world(unarchive=True, archived_error="ConflictException")
    world.card(status="Archived")
    with pytest.raises(ClientError) as error:
        world.cards().update_model_card(ModelCardName="churn", Content="{}")
    assert code(error) == "ConflictException"
    world.cards().update_model_card(ModelCardName="churn", ModelCardStatus="Draft")
    assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardStatus"] == "Draft"


def test_an_archived_card_can_be_exported(world: SandboxClient) -> None:
    world.card(status="Archived")
    arn = world.cards().create_model_card_export_job(
        ModelCardName="churn", ModelCardExportJobName="job", OutputConfig={"S3OutputPath": "s3://b/p"}
    )["ModelCardExportJobArn"]
    job = world.cards().describe_model_card_export_job(ModelCardExportJobArn=arn)
    assert job["Status"] == "Completed"
    assert job["ExportArtifacts"]["S3ExportArtifacts"].startswith("s3://b/p/")


def test_an_export_takes_its_time(make_world: MakeSandbox) -> None:
    world = make_world(export_seconds=60)
    world.card()
    world.cards().create_model_card_export_job(
        ModelCardName="churn", ModelCardExportJobName="job", OutputConfig={"S3OutputPath": "s3://b/p"}
    )
    rows = world.cards().list_model_card_export_jobs(ModelCardName="churn")["ModelCardExportJobSummaries"]
    assert [row["Status"] for row in rows] == ["InProgress"]
    world.advance(60)
    rows = world.cards().list_model_card_export_jobs(ModelCardName="churn")["ModelCardExportJobSummaries"]
    assert [row["Status"] for row in rows] == ["Completed"]


def test_deletion_takes_four_states_and_then_the_card_is_gone(make_world: MakeSandbox) -> None:
    world = make_world(delete_seconds=40)
    world.card()
    world.cards().delete_model_card(ModelCardName="churn")
    seen = []
    for _ in range(4):
        seen.append(world.cards().describe_model_card(ModelCardName="churn")["ModelCardProcessingStatus"])
        world.advance(10)
    assert seen == ["DeletePending", "DeleteInProgress", "ContentDeleted", "ExportJobsDeleted"]
    with pytest.raises(ClientError) as error:
        world.cards().describe_model_card(ModelCardName="churn")
    assert code(error) == "ResourceNotFound"


def test_a_card_that_is_being_deleted_refuses_calls(make_world: MakeSandbox) -> None:
    world = make_world(delete_seconds=40)
    arn = world.card()
    world.cards().delete_model_card(ModelCardName="churn")
    for call in (
        lambda: world.cards().update_model_card(ModelCardName="churn", Content="{}"),
        lambda: world.cards().delete_model_card(ModelCardName="churn"),
        lambda: world.cards().add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}]),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert (code(error), message(error)) == ("ValidationException", "Model card is being deleted")


def test_deleting_takes_a_name_only(world: SandboxClient) -> None:
    arn = world.card()
    with pytest.raises(ClientError) as error:
        world.cards().delete_model_card(ModelCardName=arn)
    assert code(error) == "ValidationException"


def test_describing_metadata_only_returns_hardly_any_content(world: SandboxClient) -> None:
    content = {"model_overview": {"model_id": "m", "model_owner": "o"}, "intended_uses": {"risk_rating": "Low"}}
    world.card(Content=json.dumps(content))
    described = world.cards().describe_model_card(ModelCardName="churn", IncludedData="MetadataOnly")
    kept = {"model_overview": {"model_id": "m"}, "intended_uses": {"risk_rating": "Low"}}
    assert json.loads(described["Content"]) == kept


def test_nobody_is_named_as_the_last_to_modify_a_card(world: SandboxClient) -> None:
    world.card()
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert described["LastModifiedBy"] == {}


def test_summaries_have_no_content_version_or_tags(world: SandboxClient) -> None:
    world.card(Tags=[{"Key": "a", "Value": "b"}])
    row = world.cards().list_model_cards()["ModelCardSummaries"][0]
    assert set(row) == {"ModelCardName", "ModelCardArn", "ModelCardStatus", "CreationTime", "LastModifiedTime"}


def test_listing_pages_and_filters(world: SandboxClient) -> None:
    for number in range(12):
        world.card(f"card-{number:02}", status="Approved" if number % 2 else "Draft")
    pages = world.cards().get_paginator("list_model_cards")
    names = [row["ModelCardName"] for page in pages.paginate(SortBy="Name") for row in page["ModelCardSummaries"]]
    assert names == [f"card-{number:02}" for number in reversed(range(12))]
    found = world.cards().list_model_cards(ModelCardStatus="Approved", NameContains="card-0")
    assert len(found["ModelCardSummaries"]) == 5


def test_a_token_of_another_question_is_refused(world: SandboxClient) -> None:
    for name in ("a", "b"):
        world.card(name)
    token = world.cards().list_model_cards(MaxResults=1)["NextToken"]
    with pytest.raises(ClientError) as error:
        world.cards().list_model_cards(MaxResults=1, NextToken=token, SortBy="Name")
    assert code(error) == "ValidationException"


def test_a_card_can_be_named_by_its_arn(world: SandboxClient) -> None:
    arn = world.card()
    world.cards().update_model_card(ModelCardName=arn, Content="{}")
    assert world.cards().describe_model_card(ModelCardName=arn)["ModelCardVersion"] == 2
    rows = world.cards().list_model_card_versions(ModelCardName=arn)["ModelCardVersionSummaryList"]
    assert len(rows) == 2


def test_the_key_of_a_card_is_described(world: SandboxClient) -> None:
    world.card(SecurityConfig={"KmsKeyId": "alias/cards"})
    described = world.cards().describe_model_card(ModelCardName="churn")
    assert described["SecurityConfig"] == {"KmsKeyId": "alias/cards"}
