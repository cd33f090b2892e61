"""Facts about tags of model cards and about Search that the sandbox promises."""

import pytest
from botocore.exceptions import ClientError

from support.sandbox_client import CONSUMER, MakeSandbox, SandboxClient, code


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def found(world: SandboxClient, **more: object) -> list[dict[str, object]]:
    return [row["ModelCard"] for row in world.cards().search(Resource="ModelCard", **more)["Results"]]


def test_describe_returns_no_tags_and_list_tags_does(world: SandboxClient) -> None:
    arn = world.card(Tags=tags(team="risk"))
    assert "Tags" not in world.cards().describe_model_card(ModelCardName="churn")
    assert world.cards().list_tags(ResourceArn=arn)["Tags"] == tags(team="risk")


def test_tags_are_added_overwritten_and_removed(world: SandboxClient) -> None:
    arn = world.card(Tags=tags(a="1", b="2"))
    world.cards().add_tags(ResourceArn=arn, Tags=tags(b="3", c="4"))
    world.cards().delete_tags(ResourceArn=arn, TagKeys=["a", "absent"])
    assert world.cards().list_tags(ResourceArn=arn)["Tags"] == tags(b="3", c="4")


def test_tagging_makes_no_version(world: SandboxClient) -> None:
    arn = world.card()
    world.cards().add_tags(ResourceArn=arn, Tags=tags(a="1"))
    assert world.cards().describe_model_card(ModelCardName="churn")["ModelCardVersion"] == 1


def test_a_card_has_at_most_50_tags(world: SandboxClient) -> None:
    arn = world.card(Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])
    world.cards().add_tags(ResourceArn=arn, Tags=tags(k0="again"))
    with pytest.raises(ClientError) as error:
        world.cards().add_tags(ResourceArn=arn, Tags=tags(k1="x", more="y"))
    assert code(error) == "ValidationException"
    assert {"Key": "k1", "Value": ""} in world.cards().list_tags(ResourceArn=arn)["Tags"]


@pytest.mark.parametrize(
    "tag", [{"Key": "aws:x", "Value": ""}, {"Key": "a", "Value": "x" * 257}, {"Key": "#", "Value": ""}]
)
def test_tags_outside_the_rules_are_refused(world: SandboxClient, tag: dict[str, str]) -> None:
    with pytest.raises(ClientError) as error:
        world.card(Tags=[tag])
    assert code(error) == "ValidationException"


def test_tags_may_have_letters_of_any_script_and_colons(world: SandboxClient) -> None:
    arn = world.card(Tags=tags(**{"cardops:größe": "a b_.:/=+-@ 3"}))
    assert world.cards().list_tags(ResourceArn=arn)["Tags"] == tags(**{"cardops:größe": "a b_.:/=+-@ 3"})


def test_a_default_share_does_not_give_access_to_tags(world: SandboxClient) -> None:
    arn = world.card()
    world.share([arn], [CONSUMER])
    with pytest.raises(ClientError) as error:
        world.cards(CONSUMER).list_tags(ResourceArn=arn)
    assert code(error) == "AccessDeniedException"


def test_search_returns_content_tags_version_and_status(world: SandboxClient) -> None:
    arn = world.card(Content='{"intended_uses":{"risk_rating":"High"}}', Tags=tags(team="risk"), status="Approved")
    (record,) = found(world)
    assert record["ModelCardArn"] == arn
    assert record["Content"] == '{"intended_uses":{"risk_rating":"High"}}'
    assert record["Tags"] == tags(team="risk")
    assert (record["ModelCardVersion"], record["ModelCardStatus"], record["RiskRating"]) == (1, "Approved", "High")


def test_search_records_lack_the_processing_status(make_world: MakeSandbox) -> None:
    world = make_world(delete_seconds=60)
    world.card()
    world.cards().delete_model_card(ModelCardName="churn")
    assert "ModelCardProcessingStatus" not in found(world)[0]


def test_search_finds_no_cards_of_other_accounts(world: SandboxClient) -> None:
    world.share([world.card()], [CONSUMER])
    assert world.cards(CONSUMER).search(Resource="ModelCard")["Results"] == []


def test_search_takes_at_most_100_a_page(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        found(world, MaxResults=101)
    assert code(error) == "ValidationException"


def test_search_pages(world: SandboxClient) -> None:
    for number in range(25):
        world.card(f"c{number}")
    pages = list(world.cards().get_paginator("search").paginate(Resource="ModelCard", MaxResults=10))
    assert [len(page["Results"]) for page in pages] == [10, 10, 5]
    assert len({row["ModelCard"]["ModelCardName"] for page in pages for row in page["Results"]}) == 25
    assert pages[0]["TotalHits"] == {"Value": 25, "Relation": "EqualTo"}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ([{"Name": "ModelCardStatus", "Value": "Approved"}], {"a", "b"}),
        ([{"Name": "Tags.team", "Operator": "Equals", "Value": "risk"}], {"a"}),
        ([{"Name": "Tags.team", "Operator": "NotExists"}], {"b", "c"}),
        ([{"Name": "ModelCardName", "Operator": "In", "Value": "b,c"}], {"b", "c"}),
        ([{"Name": "ModelCardName", "Operator": "Contains", "Value": "c"}], {"c"}),
        ([{"Name": "ModelCardVersion", "Operator": "GreaterThan", "Value": "1"}], {"c"}),
        ([{"Name": "CreationTime", "Operator": "GreaterThan", "Value": "2020-01-01T00:00:00+00:00"}], {"a", "b", "c"}),
    ],
)
def test_search_filters(world: SandboxClient, filters: list[dict[str, str]], names: set[str]) -> None:
    world.card("a", status="Approved", Tags=tags(team="risk"))
    world.card("b", status="Approved")
    world.card("c")
    world.cards().update_model_card(ModelCardName="c", Content="{}")
    assert {row["ModelCardName"] for row in found(world, SearchExpression={"Filters": filters})} == names


def test_search_joins_filters_and_sub_expressions(world: SandboxClient) -> None:
    for name in ("a", "b", "c"):
        world.card(name)
    either = {"Operator": "Or", "Filters": [{"Name": "ModelCardName", "Value": name} for name in ("a", "b")]}
    expression = {
        "SubExpressions": [either],
        "Filters": [{"Name": "ModelCardName", "Operator": "NotEquals", "Value": "a"}],
    }
    assert [row["ModelCardName"] for row in found(world, SearchExpression=expression)] == ["b"]


def test_search_refuses_an_unknown_property(world: SandboxClient) -> None:
    with pytest.raises(ClientError) as error:
        found(world, SearchExpression={"Filters": [{"Name": "Nope", "Value": "x"}]})
    assert code(error) == "ValidationException"


def test_search_lacks_the_content_of_encrypted_cards(world: SandboxClient) -> None:
    world.card(SecurityConfig={"KmsKeyId": "alias/cards"})
    (record,) = found(world)
    assert "Content" not in record
    assert record["SecurityConfig"] == {"KmsKeyId": "alias/cards"}


def test_search_with_the_content_of_encrypted_cards_is_a_switch(make_world: MakeSandbox) -> None:
    world = make_world(encrypted_search_content=True)
    world.card(SecurityConfig={"KmsKeyId": "alias/cards"})
    assert found(world)[0]["Content"] == '{"n":1}'


def test_search_follows_updates_tags_and_deletions(world: SandboxClient) -> None:
    arn = world.card()
    world.cards().update_model_card(ModelCardName="churn", Content='{"n":2}')
    world.cards().add_tags(ResourceArn=arn, Tags=tags(a="1"))
    (record,) = found(world)
    assert (record["Content"], record["ModelCardVersion"], record["Tags"]) == ('{"n":2}', 2, tags(a="1"))
    world.cards().delete_model_card(ModelCardName="churn")
    world.advance(2)
    assert found(world) == []
