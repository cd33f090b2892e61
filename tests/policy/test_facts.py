"""What rules are told, word for word: a rule that names it is written against exactly this."""

from pathlib import Path

from cardops.model.findings import Location
from cardops.policy.facts import Approver, Change, Subject, encode
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.policy.packs import Clause, Pack
from cardops.policy.summary import summarize

PLACE = Location("cards/churn.yaml")
NOW = {"name": "churn", "status": "Approved", "tags": {"team": "a"}}
BEFORE = {"name": "churn", "status": "Draft", "tags": {"team": "a"}}
SUBJECT = Subject("card", "1/eu-west-1/churn", "cards/churn.yaml", NOW, lambda where, at_key: PLACE, "home")


def test_a_change_tells_what_was_what_is_and_who_it_was() -> None:
    approvers = (Approver("lead", ("model-risk",)),)
    change = Change("modified", SUBJECT, encode(BEFORE), None, ("ada",), approvers, False, "c0ffee")
    assert change.as_variables() == {
        "card": NOW,
        "share": None,
        "before": BEFORE,
        "change": {
            "kind": "modified",
            "paths": ["status"],
            "authors": ["ada"],
            "approvers": [{"name": "lead", "groups": ["model-risk"]}],
            "contributors_known": False,
            "commit": "c0ffee",
        },
    }


def test_what_is_new_or_gone_is_null_where_it_is_not() -> None:
    added = Change("added", SUBJECT, None, None).as_variables()
    assert (added["card"], added["before"]) == (NOW, None)
    assert added["change"]["paths"] == ["name", "status", "tags"]
    removed = Change("removed", SUBJECT, BEFORE, ("name",)).as_variables()
    assert (removed["card"], removed["share"], removed["before"]) == (None, None, BEFORE)
    assert removed["change"]["paths"] == ["name"]
    share = SUBJECT._replace(kind="share")
    assert Change("added", share, None).as_variables()["share"] == NOW
    assert Change("added", share, None).as_variables()["card"] is None


def test_a_configuration_that_says_nothing_has_defaults() -> None:
    told = dict(summarize({}, [], dict))
    assert told == {
        "cards": {},
        "shares": {},
        "accounts": {},
        "approvers": {},
        "home": "",
        "region": "",
        "signoff": "reviews",
        "waivers": [],
        "overrides": [],
        "policy_changes": [],
    }


def test_a_clause_has_the_rules_that_cite_it_or_a_reason_why_none_can(tmp_path: Path) -> None:
    (tmp_path / "policies/packs").mkdir(parents=True)
    (tmp_path / "policies/packs/own.yaml").write_text(
        "id: own\ntitle: Our own\nversion: '3'\nsource: the shelf\nstatus: in force\n"
        "applies_from: '2026-01-01'\nclauses:\n"
        '  - {id: "1", title: Purpose}\n'
        '  - {id: "1.2", title: Logs, not_covered: logs are elsewhere}\n',
        "utf-8",
    )
    (tmp_path / "policies/rules.yaml").write_text(
        "rules:\n  - id: OWN-001\n    title: t\n    why: w\n    on: card\n    require: has(card.owner)\n    at: owner\n"
        "    message: '\"m\"'\n    references: [own 1]\n    hint: h\n"
        "    tests: {pass: [{card: {owner: a}}], fail: [{card: {}}]}\n",
        "utf-8",
    )
    policies = load_policies(Folder(tmp_path))
    assert list(policies.findings) == []
    clauses = (Clause("1", "Purpose", ("OWN-001",)), Clause("1.2", "Logs", (), "logs are elsewhere"))
    pack = Pack("own", "Our own", "", clauses, "own", "", "3", "the shelf", "in force", "2026-01-01")
    assert [*policies.packs.values()] == [pack]
