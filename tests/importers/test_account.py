"""What an account holds as files: only what files say exactly, marked for adoption."""

import json
from typing import Any

import pytest

from cardops.desired.grants import permission_arn
from cardops.desired.schema import validator as schema
from cardops.importers.account import declare_card, declare_share
from cardops.importers.unmapped import Inexpressible
from cardops.importers.yaml_writer import write
from cardops.model.desired import GRANT, REPOSITORY, AccountRegion, CardKey, Status
from cardops.model.observed import ObservedShare
from support.builders import (
    APPROVED,
    ARCHIVED,
    DEV,
    DRAFT,
    HOME,
    OWNER,
    PENDING,
    READ,
    REPO,
    TEST,
    config,
    foreign,
    key,
    ram_share,
)
from support.replacing import replace

ARN = "arn:aws:ram:eu-west-1:111111111111:resource-share/theirs"
ALL = {key("churn"): DRAFT, key("risk"): PENDING, key("done"): APPROVED, key("old"): ARCHIVED}


def theirs(**more: Any) -> ObservedShare:
    return replace(
        ram_share(**{k: more.pop(k) for k in ("holds", "level", "to") if k in more}),
        **({"arn": ARN, "name": "Team A", "tags": {}} | more),
    )


def declared(share: ObservedShare, cards: dict[CardKey, Status] | None = None, taken: Any = ()) -> dict[str, Any]:
    value = declare_share(share, ALL if cards is None else cards, config(), taken)
    assert schema.check("share", value) == []
    return value


def test_a_share_becomes_one_grant_that_adopts_it() -> None:
    assert declared(theirs(holds=["churn", "risk"])) == {
        "name": "Team-A",
        "cards": ["churn", "risk"],
        "grants": [{"to": "ml-dev", "access": "contribute", "while": ["Draft", "PendingReview"], "adopt": ARN}],
    }


def test_a_share_that_only_reads_holds_a_card_in_every_status() -> None:
    value = declared(theirs(level=READ, permission=permission_arn(config(), READ, HOME), holds=["done", "old"]))
    assert value["grants"][0]["while"] == [status.value for status in Status]


def test_an_organization_is_a_principal_as_it_is() -> None:
    unit = "arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-abcd-12345678"
    assert declared(theirs(principals={unit: "ASSOCIATED"}))["grants"][0]["to"] == unit


def test_an_invitation_that_is_open_is_left_to_whoever_has_it() -> None:
    assert declared(theirs(invited={DEV: "2026-01-01T00:00:00+00:00"}))["invitations"] == "leave"


def test_names_that_are_taken_get_a_number() -> None:
    assert declared(theirs(), taken={"Team-A", "Team-A-2"})["name"] == "Team-A-3"
    assert declared(theirs(name="..."))["name"] == "share"


def test_associations_that_ended_do_not_count() -> None:
    more = {"principals": {DEV: "ASSOCIATED", TEST: "DISASSOCIATED"}}
    assert declared(theirs(**more))["grants"][0]["to"] == "ml-dev"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"principals": {DEV: "ASSOCIATED", TEST: "ASSOCIATED"}}, "it has 2 principals"),
        ({"principals": {}}, "it has no principal"),
        ({"principals": {"999999999999": "ASSOCIATED"}}, "its principal 999999999999 is not declared in cardops.yaml"),
        ({"principals": {OWNER: "ASSOCIATED"}}, "with the account that owns them"),
        ({"principals": {"arn:aws:iam::222222222222:user/ada": "ASSOCIATED"}}, "has the wrong form: an account's name"),
        (
            {"principals": {"sns.amazonaws.com": "ASSOCIATED"}},
            "sns.amazonaws.com is neither an account id",
        ),
        (
            {"permission": "arn:aws:ram:eu-west-1:111111111111:permission/own"},
            "uses its permission own",
        ),
        ({"actions": READ.actions}, "no access level in cardops.yaml uses its permission"),
        ({"holds": ["done"]}, "it lets others write done, which is Approved"),
        ({"holds": ["old"]}, "it lets others write old, which is Archived"),
        ({"holds": ["gone"]}, "it holds the card gone, which no file declares"),
        ({"resources": {}}, "it holds no card"),
        (
            {"resources": {"arn:aws:ec2:eu-west-1:111111111111:subnet/s": "ASSOCIATED"}},
            "1 resource of another type",
        ),
        ({"feature_set": "CREATED_FROM_POLICY"}, "RAM is still changing it; try again in a minute"),
        ({"status": "FAILED"}, "RAM is still changing it; try again in a minute"),
        ({"principals": {DEV: "SUSPENDED"}}, "RAM is suspending access in it; try again in a minute"),
        ({"tags": {REPOSITORY: "other-9f9f", GRANT: "x"}}, "other-9f9f manages it"),
        ({"tags": {REPOSITORY: REPO, GRANT: "x"}}, "this repository manages it already"),
    ],
)
def test_what_a_file_cannot_say_is_not_guessed(more: dict[str, Any], why: str) -> None:
    with pytest.raises(Inexpressible) as refused:
        declared(theirs(**more))
    assert why in str(refused.value)


def test_a_card_of_another_account_is_named_with_it_and_one_of_two_regions_cannot_be() -> None:
    away = key("churn", AccountRegion(DEV, "eu-west-1"))
    value = declared(theirs(), {**ALL, away: DRAFT})
    assert value["cards"] == ["shared-services/churn"]
    with pytest.raises(Inexpressible, match="several regions have a card churn"):
        declared(theirs(), {**ALL, key("churn", AccountRegion(OWNER, "us-east-1")): DRAFT})


def test_a_card_keeps_status_key_and_tags_and_is_marked() -> None:
    tags = {"team": "a", "aws:x": "1", "cardops:digest": "old"}
    value, left = declare_card(replace(foreign(tags=tags), status=APPROVED, kms_key_id="alias/k"), config(), "team-a")
    assert list(value) == ["name", "status", "owner", "adopt", "kms_key_id", "tags", "content"]
    assert (value["status"], value["adopt"], value["tags"]) == ("Approved", True, {"team": "a"})
    assert [str(one) for one in left] == ["tags.cardops:digest: tags that begin with `cardops:` belong to cardops"]
    assert schema.check("card", value) == []


def test_a_card_of_another_place_names_account_and_region() -> None:
    live = replace(foreign(), key=key("churn", AccountRegion(DEV, "us-east-1")))
    value, _ = declare_card(live, config(), "team-a")
    assert (value["account"], value["region"]) == ("ml-dev", "us-east-1")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"tags": {REPOSITORY: "other-9f9f"}}, "other-9f9f manages it"),
        ({"tags": {REPOSITORY: REPO}}, "this repository manages it already"),
        ({"processing": "DeletePending"}, "it is being deleted"),
    ],
)
def test_a_card_that_somebody_manages_or_deletes_is_not_imported(more: dict[str, Any], why: str) -> None:
    with pytest.raises(Inexpressible) as refused:
        declare_card(foreign(**more), config(), "team-a")
    assert why in str(refused.value)


def test_what_yaml_cannot_hold_is_said_without_saying_it() -> None:
    for held in ("a\x00secret", 10**20, "\ud800secret"):
        value = {"name": "x", "status": "Draft", "owner": "o", "content": {"model_overview": {"model_name": held}}}
        with pytest.raises(Inexpressible, match="YAML cannot hold it") as refused:
            write(value, "card")
        assert "secret" not in str(refused.value)


def test_a_text_that_would_read_back_as_something_else_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardops.importers.yaml_writer.dump", lambda _: "name: other\n")
    with pytest.raises(Inexpressible, match="it would not read back the same"):
        write({"name": "x"}, "card")


@pytest.mark.parametrize("bad", ["\x80", "\x0c", "\ud83d"])
def test_a_text_that_yaml_cannot_hold_costs_that_text_and_not_the_card(bad: str) -> None:
    content = {
        "intended_uses": {"purpose_of_model": f"a {bad} b", "intended_uses": "ranks leads"},
        "additional_information": {"custom_details": {f"k{bad}": "v", "fine": "v"}},
    }
    live = replace(foreign(), content=json.dumps(content).encode())
    value, left = declare_card(live, config(), "team-a")
    assert value["content"] == {
        "intended_uses": {"intended_uses": "ranks leads"},
        "additional_information": {"custom_details": {"fine": "v"}},
    }
    assert len(left) == 2
    assert str(left[0]).startswith(("content.intended_uses.purpose_of_model", "content.additional_information"))
    write(value, "card")
