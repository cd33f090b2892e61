"""Access ends where git says so for certain: not for cards and shares of which a file cannot be read."""

from cardops.merge.diff import ABSENT
from cardops.merge.three_way import Conflict
from cardops.plan.card_merge import conflict_values
from support.builders import APPROVED, HOME, card, desired, kinds, live, observed, only, planned, ram_share, share
from support.replacing import replace

CARD = card()
SHARED = observed(live(CARD), shares=[ram_share()])
NOTHING = desired(shares=[share()])


def test_a_card_keeps_its_access_while_its_file_is_not_valid() -> None:
    assert kinds(planned(NOTHING, SHARED, broken=frozenset({CARD.key}))) == []
    assert kinds(planned(NOTHING, SHARED)) == ["revoke", "retire"]


def test_all_cards_that_git_does_not_declare_keep_theirs_while_some_file_does_not_say_which_it_is() -> None:
    assert kinds(planned(NOTHING, SHARED, unreadable=True)) == []
    both = observed(live(CARD), live(card("other")), shares=[ram_share(holds=["churn", "other"])])
    found = planned(desired(CARD, shares=[share(cards=["x"])]), both, unreadable=True)
    assert [change.path for change in only(found, "revoke").changes] == ["access[ml-dev].churn"]


def test_a_card_keeps_its_access_while_its_file_declares_another_one() -> None:
    new = card("newer")
    found = planned(desired(new, shares=[share(cards=["newer"])]), SHARED, renamed={CARD.key: new.key})
    assert kinds(found) == []


def test_no_share_ends_while_a_file_of_shares_cannot_be_read() -> None:
    assert kinds(planned(desired(CARD), SHARED, unsure_shares=True)) == []


def test_a_share_that_a_rule_denies_still_loses_what_git_does_not_declare_and_is_told_of() -> None:
    approved, new = card(status=APPROVED), card("new")
    lost = replace(ram_share(), principals={"5" * 12: "ASSOCIATED"}, feature_set="STANDARD")
    seen = observed(live(approved), live(new), shares=[lost])
    found = planned(desired(approved, new, shares=[share()]), seen, blocked_shares={"team"})
    assert kinds(found) == ["revoke", "revoke"]
    odd = replace(ram_share(), feature_set="CREATED_FROM_POLICY")
    found = planned(desired(CARD, shares=[share()]), observed(live(CARD), shares=[odd]), blocked_shares={"team"})
    assert [finding.rule for finding in found.findings] == ["share/not-standard"]


def test_a_share_of_ours_with_the_name_of_a_grant_does_not_stand_in_its_way() -> None:
    tags = dict(ram_share().tags) | {"cardops:grant": "another"}
    ours = replace(ram_share(), tags=tags, name="team contribute ml-dev")
    found = planned(desired(CARD, shares=[share()]), observed(live(CARD), shares=[ours]))
    assert kinds(found) == ["unshare", "share"]
    assert only(found, "share").place == HOME


def test_the_values_of_a_conflict_are_short_and_lists_and_groups_are_not_shown() -> None:
    assert conflict_values(Conflict("a", ABSENT, [1], {"b": 1})) == "base absent, git a list, live a group of fields"
    exact, longer = "x" * 198, "x" * 199
    shown = f'base "{exact}", git "{"x" * 198}…, live 1'
    assert conflict_values(Conflict("a", exact, longer, 1)) == shown
