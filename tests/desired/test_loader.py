"""What comes out of a repository: cards, shares, configuration, and what must not be taken for removed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardops.desired.loader import Loaded, load_repository, locate_problems
from cardops.desired.sources import WorkTree
from cardops.model import canonical
from cardops.model.desired import CardKey, Desired, HubOrigin, Status

Repository = Callable[..., Loaded]
KEY = CardKey("111111111111", "eu-west-1", "churn")
CARD = "name: churn\nstatus: Draft\nowner: team-churn\n"


def desired(loaded: Loaded) -> Desired:
    assert loaded.desired is not None
    return loaded.desired


def test_a_card_gets_the_home_account_and_the_region_by_default(loaded: Repository) -> None:
    [card] = desired(loaded()).cards.values()
    assert (card.key, card.status, card.owner) == (KEY, Status.DRAFT, "team-churn")
    assert card.content == b'{"model_overview":{"model_name":"churn"}}'
    assert card.digest == canonical.digest(card.content)
    assert str(card.location) == "cards/churn.yaml:1:1"


def test_a_card_may_name_everything(loaded: Repository) -> None:
    text = (
        "# a comment\nname: fraud\nstatus: Approved\nowner: team\naccount: ml-dev\nregion: us-west-2\n"
        "kms_key_id: alias/model-cards\ntags: {cost-center: '4711', Größe: ä b}\n"
        "live_sections: [training_details]\ncontent: {}\n"
    )
    result = loaded({"cards/team/fraud.yml": text})
    card = desired(result).cards[CardKey("222222222222", "us-west-2", "fraud")]
    assert result.findings == []
    assert (card.kms_key_id, card.live_sections) == ("alias/model-cards", ("training_details",))
    assert card.tags == {"cost-center": "4711", "Größe": "ä b"}
    assert str(card.location) == "cards/team/fraud.yml:2:1"


def test_a_share_is_parsed(loaded: Repository) -> None:
    text = "name: s\ncards: ['*']\ngrants: [{to: ml-dev, access: read, while: [Draft]}]\n"
    text += "expires: 2027-06-30\ninvitations: leave\n"
    shares = desired(loaded({"shares/s.yaml": text})).shares
    assert [share.name for share in shares] == ["churn", "s"]
    assert (shares[1].expires, shares[1].invitations, shares[1].cards) == ("2027-06-30", "leave", ("*",))
    assert shares[1].grants[0].during == {Status.DRAFT}


def test_the_configuration_is_parsed(loaded: Repository, root: Path) -> None:
    more = "safety: {max_updates: 25%, max_revokes: 3, floor: 0}\nretire: forbid\napprovers: {risk: [ann, bob]}\n"
    config = desired(loaded({"cardops.yaml": (root / "cardops.yaml").read_text() + more})).config
    assert (config.safety.max_updates, config.safety.max_revokes, config.safety.floor) == (0.25, 3, 0)
    assert (config.safety.max_retires, config.retire, config.signoff) == (0.1, "forbid", "reviews")
    assert config.approvers == {"risk": ("ann", "bob")}
    assert config.accounts["ml-dev"].plan_role == "cardops-plan"
    assert "sagemaker:UpdateModelCard" in config.access["contribute"].actions


def test_access_levels_have_defaults(loaded: Repository, root: Path) -> None:
    text = (root / "cardops.yaml").read_text().partition("access:")[0]
    assert desired(loaded({"cardops.yaml": text})).config.access.keys() == {"read", "contribute", "export"}


def test_the_commit_is_passed_on(root: Path) -> None:
    assert desired(load_repository(WorkTree(root), "abc")).commit == "abc"


def test_a_card_with_schema_errors_is_broken_and_not_gone(loaded: Repository) -> None:
    result = loaded({"cards/churn.yaml": CARD})
    assert (result.broken, result.unreadable, desired(result).cards) == ({KEY}, False, {})
    assert [finding.card for finding in result.findings] == [str(KEY)]
    assert (result.considered.cards, result.declared.cards) == (0, 1)


@pytest.mark.parametrize(
    "text", ["name: [", "", "- a", "name: a_b\n", "{account: nowhere, " + CARD.replace("\n", ", ") + "content: {}}"]
)
def test_a_card_without_a_key_makes_the_whole_unreadable(loaded: Repository, text: str) -> None:
    result = loaded({"cards/churn.yaml": text})
    assert result.unreadable
    assert desired(result).cards == {}
    assert not [finding for finding in result.findings if finding.location.path.startswith("shares")]


def test_cards_of_the_same_key_are_broken_even_when_one_of_them_is(loaded: Repository) -> None:
    result = loaded({"cards/again.yaml": CARD})
    assert (result.broken, desired(result).cards) == ({KEY}, {})
    assert [finding.rule for finding in result.findings].count("reference/duplicate-card") == 2


def test_a_copy_is_declared_without_content(loaded: Repository) -> None:
    result = loaded({"cards/churn.yaml": CARD + "aggregate_from: {account: ml-dev, card: churn}\n"})
    copy = desired(result).cards[KEY]
    assert (result.findings, copy.origin, copy.content) == ([], HubOrigin("ml-dev", "churn"), b"{}")


def test_a_warned_card_is_declared(loaded: Repository) -> None:
    result = loaded({"cards/churn.yaml": CARD + "content: {evaluation_details: [{name: a}, {name: a}]}\n"})
    assert ([finding.level for finding in result.findings], list(desired(result).cards)) == (["warn"], [KEY])


def test_a_share_that_cannot_be_used_is_broken_and_not_gone(loaded: Repository) -> None:
    result = loaded(
        {"shares/churn.yaml": "name: churn\ncards: [nope]\ngrants: [{to: ml-dev, access: read, while: [Draft]}]\n"}
    )
    assert (result.broken_shares, result.unreadable_shares, desired(result).shares) == ({"churn"}, False, ())


def test_a_share_without_a_name_makes_shares_unreadable(loaded: Repository) -> None:
    result = loaded({"shares/churn.yaml": "name: ["})
    assert (result.unreadable_shares, result.unreadable, result.broken_shares) == (True, False, frozenset())


def test_cards_are_checked_even_without_a_configuration(loaded: Repository) -> None:
    result = loaded({"cardops.yaml": "version: [", "cards/churn.yaml": CARD, "shares/churn.yaml": "name: x\n"})
    assert result.desired is None
    assert {finding.location.path for finding in result.findings} == {
        "cardops.yaml",
        "cards/churn.yaml",
        "shares/churn.yaml",
    }


def test_a_broken_card_is_still_known_to_shares(loaded: Repository) -> None:
    findings = loaded({"cards/churn.yaml": CARD}).findings
    assert [finding.rule for finding in findings] == ["schema/missing-key"]


def test_a_glob_over_several_accounts_may_name_one_of_the_owners(loaded: Repository) -> None:
    share = "name: all\ncards: ['*/*']\ngrants: [{to: ml-dev, access: read, while: [Draft]}]\n"
    spoke = "name: spoke\nstatus: Draft\nowner: o\naccount: ml-dev\ncontent: {}\n"
    assert loaded({"shares/all.yaml": share, "cards/spoke.yaml": spoke}).findings == []


def test_an_arn_may_be_a_principal(loaded: Repository) -> None:
    ou = "arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-abcdefgh"
    share = f"name: ou\ncards: [churn]\ngrants: [{{to: '{ou}', access: read, while: [Draft]}}]\n"
    (finding,) = loaded({"shares/ou.yaml": share}).findings
    assert (finding.rule, "may contain the owner" in finding.message) == ("read-only/no-means", True)
    contributing = share.replace("access: read", "access: contribute")
    declared = (Path(__file__).parent.parent / "fixtures/good/cardops.yaml").read_text() + "lock: scp\n"
    assert loaded({"shares/ou.yaml": contributing, "cardops.yaml": declared}).findings == []


def test_locate_finds_a_place_again_and_never_fails(root: Path) -> None:
    tree = WorkTree(root)
    assert str(locate_problems(tree, "cards/churn.yaml", ("status",))) == "cards/churn.yaml:2:9"
    assert str(locate_problems(tree, "cards/churn.yaml", ("content", "evaluation_details"))) == "cards/churn.yaml:5:3"
    assert str(locate_problems(tree, "cards/gone.yaml", ("status",))) == "cards/gone.yaml:1:1"
