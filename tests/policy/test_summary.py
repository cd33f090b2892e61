"""What rules may know of the whole repository, and of what is near a share."""

from typing import Any

from cardops.policy.evaluation import evaluate
from cardops.policy.facts import CardSummary, Deferred, Facts, Subject, Subjects
from cardops.policy.summary import summarize
from support.policies import CHURN, SHARED, TODAY, policies, rule, subject
from support.replacing import replace

CONFIG: dict[str, Any] = {
    "region": "eu-west-1",
    "home": "home",
    "accounts": {"home": {"id": "111111111111"}, "partner": {"id": "999999999999", "external": True}},
    "approvers": {"model-risk": ["risk-lead"]},
}


def high(name: str) -> Subject:
    """A card of High risk."""
    return subject({**CHURN, "name": name, "content": {"intended_uses": {"risk_rating": "High"}}})


def test_cards_go_by_their_name_and_say_what_they_are() -> None:
    card = subject({**CHURN, "tags": {"a": "b"}, "kms_key_id": "alias/x"})
    found = summarize(CONFIG, [card, subject(SHARED, kind="share")], lambda: {"churn": [card.key]})
    assert found["cards"] == {
        "churn": {
            "name": "churn",
            "account": "home",
            "region": "eu-west-1",
            "status": "Draft",
            "owner": "team-churn",
            "risk_rating": "",
            "tags": {"a": "b"},
            "encrypted": True,
            "path": "cards/churn.yaml",
            "shares": ["churn"],
        }
    }
    grants = [{"to": "ml-dev", "access": "read", "while": ["Draft"], "expires": ""}]
    assert found["shares"]["churn"] == {
        "name": "churn",
        "cards": ["churn"],
        "grants": grants,
        "expires": "",
        "path": "shares/churn.yaml",
    }


def test_accounts_and_approvers_are_as_in_the_configuration() -> None:
    found = summarize(CONFIG, [], dict)
    assert found["accounts"] == {
        "home": {"name": "home", "id": "111111111111", "external": False, "leaving": False, "stage": ""},
        "partner": {"name": "partner", "id": "999999999999", "external": True, "leaving": False, "stage": ""},
    }
    assert (found["approvers"], found["home"], found["signoff"]) == ({"model-risk": ["risk-lead"]}, "home", "reviews")
    leaving = {"home": {"id": "111111111111", "leaving": True}}
    found = summarize({**CONFIG, "accounts": leaving, "signoff": "none"}, [], dict)
    assert found["accounts"]["home"]["leaving"] is True
    assert (found["region"], found["signoff"]) == ("eu-west-1", "none")


def test_shares_and_grants_say_when_they_end() -> None:
    ending = {**SHARED, "expires": "2027-01-31", "grants": [{**SHARED["grants"][0], "expires": "2026-12-31"}]}
    share = summarize(CONFIG, [subject(ending, kind="share")], dict)["shares"]["churn"]
    assert share["expires"] == "2027-01-31"
    assert [grant["expires"] for grant in share["grants"]] == ["2026-12-31"]


def test_of_a_card_whose_file_need_not_be_read_all_is_known_without_it() -> None:
    def refuse() -> Any:
        raise AssertionError("read")

    brief = CardSummary("Approved", "team-churn", "High", {"a": "b"}, True)
    card = subject(CHURN)._replace(value=Deferred(refuse), brief=brief, key="1/us-east-1/churn")
    (found,) = summarize(CONFIG, [card], dict)["cards"].values()
    assert (found["name"], found["region"], found["status"]) == ("churn", "us-east-1", "Approved")
    assert (found["owner"], found["risk_rating"], found["tags"]) == ("team-churn", "High", {"a": "b"})
    assert found["encrypted"] is True


def test_a_name_that_several_cards_have_is_told_apart_by_account_and_then_region() -> None:
    one = subject(CHURN)
    other = replace(one, account="dev", key="2/eu-west-1/churn")
    third = replace(subject({**CHURN, "region": "us-east-1"}), account="dev", key="2/us-east-1/churn")
    assert list(summarize(CONFIG, [one, other], dict)["cards"]) == ["home/churn", "dev/churn"]
    assert list(summarize(CONFIG, [one, other, third], dict)["cards"]) == [
        "home/churn",
        "dev/eu-west-1/churn",
        "dev/us-east-1/churn",
    ]


def test_a_rule_on_a_share_sees_that_share_and_its_cards_and_one_on_the_repository_sees_all() -> None:
    shared, alone, share = high("churn"), high("alone"), subject(SHARED, kind="share")
    about = (shared, alone, share)
    facts = Facts(Subjects(about), TODAY, None, summarize(CONFIG, about, lambda: {"churn": [shared.key]}))
    near = rule(
        on="share",
        require="repository.cards.size() == 2",
        message="repository.shares[share.name].cards.map(n, n + ' ' + repository.cards[n].risk_rating).join(', ')",
    )
    every = rule(id="TEST-002", on="repository", require="repository.cards.size() == 2")
    assert [(one.rule, one.message) for one in evaluate(policies(near, every), facts)] == [("TEST-001", "churn High")]


def test_a_rule_on_a_share_does_not_see_others_and_one_on_a_card_sees_all() -> None:
    card, share = high("churn"), subject(SHARED, kind="share")
    other = subject({**SHARED, "name": "other"}, kind="share")
    about = (card, share, other)
    facts = Facts(Subjects(about), TODAY, None, summarize(CONFIG, about, lambda: {"churn": [card.key]}))
    near = rule(on="share", require="repository.shares.size() == 1 && share.name in repository.shares")
    every = rule(id="TEST-002", on="card", require="repository.shares.size() == 2 && repository.cards.size() == 1")
    assert evaluate(policies(near, every), facts) == []
