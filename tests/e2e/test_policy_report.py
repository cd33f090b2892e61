"""`cardops policy report` in each of its forms, on a real repository with a waiver, an override and a ledger."""

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from support.oscal_shape import check
from support.workspace import OWNER, Workspace

RULES = """\
rules:
  - id: OWN-001
    title: A card's owner is a team
    on: card
    require: card.owner.startsWith(params.start)
    at: owner
    message: "'the owner is no team'"
    hint: name a team
    references: [Handbook 3]
    params: {start: team-}
    tests: {pass: [{card: {owner: team-a}}], fail: [{card: {owner: ada}}]}
  - id: OWN-002
    title: An approved card has a domain
    on: card
    when: card.status == "Approved"
    require: has(card.tags)
    at: tags
    hint: add it
    references: [Handbook 3]
    tests: {pass: [{card: {status: Approved, tags: {}}}], fail: [{card: {status: Approved}}]}
  - id: LIFE-001
    title: Nothing is approved at once
    on: change
    require: card.status == "Draft"
    hint: start as Draft
    references: [Handbook 4]
    tests: {pass: [{card: {status: Draft}}], fail: [{card: {status: Approved}}]}
"""
PACK = """\
id: handbook
cited_as: Handbook
title: The handbook
version: "7"
source: https://example.org/handbook
status: in force
applies_from: "2026-01-01"
parts:
  late: {title: Chapter 6, applies_from: "2030-01-01"}
clauses:
  - {id: "3", title: "=Ownership <b>"}
  - {id: "4", title: Beginnings}
  - {id: "5", title: Budgets, not_covered: a card holds no budget}
  - {id: "6", title: Ends, part: late}
"""
CARD = "name: {name}\nstatus: Draft\nowner: {owner}\ncontent:\n  model_overview: {{model_name: {name}}}\n"
WAIVER = """\
waivers:
  - {rule: OWN-001, card: waived-v1, reason: the team is being founded, approved_by: bob, expires: "2026-12-31"}
"""
OVERRIDES = """\
rules:
  OWN-001:
    overrides:
      - {owner: ada, level: warn, reason: one person until the team is there, approved_by: bob, expires: "2026-12-31"}
"""


@pytest.fixture
def assessed(tmp_path: Path) -> Workspace:
    world = Workspace(tmp_path / "repository", "http://127.0.0.1:9")
    world.write("policies/rules.yaml", RULES)
    world.write("policies/packs/handbook.yaml", PACK)
    world.write("policies/waivers/one.yaml", WAIVER)
    world.write("policies/enforcement.yaml", OVERRIDES)
    for name, owner in (("good-v1", "team-a"), ("bad-v1", "ada"), ("waived-v1", "bob")):
        world.write(f"cards/{name}.yaml", CARD.format(name=name, owner=owner))
    world.commit()
    return world


def report(world: Workspace, *options: str, form: str = "json") -> Any:
    done = world.cardops("policy", "report", "--today", "2026-12-01", "--format", form, *options)
    assert done.code == 0, done.err
    return json.loads(done.out) if form in ("json", "oscal") else done.out


def test_every_state_is_told_with_its_evidence(assessed: Workspace) -> None:
    told = report(assessed)
    results = [(one["clause"], one["name"], one["rule"], one["state"]) for one in told["results"]]
    assert sorted(results) == [
        ("3", "bad-v1", "OWN-001", "not satisfied"),
        ("3", "bad-v1", "OWN-002", "not applicable"),
        ("3", "good-v1", "OWN-001", "satisfied"),
        ("3", "good-v1", "OWN-002", "not applicable"),
        ("3", "waived-v1", "OWN-001", "waived"),
        ("3", "waived-v1", "OWN-002", "not applicable"),
        ("4", "bad-v1", "LIFE-001", "at each change"),
        ("4", "good-v1", "LIFE-001", "at each change"),
        ("4", "waived-v1", "LIFE-001", "at each change"),
        ("5", "", "", "not evidenced by a card"),
        ("6", "", "", "no rule"),
    ]
    by_state = {one["state"]: one for one in told["results"]}
    bad = by_state["not satisfied"]
    assert (bad["path"], bad["line"], bad["level"], bad["reason"]) == (
        "cards/bad-v1.yaml",
        3,
        "warn",
        "the owner is no team",
    )
    assert by_state["waived"]["waiver"] == {"by": "bob", "until": "2026-12-31"}
    assert [one["applies"] for one in told["results"] if one["clause"] == "6"] == [False]
    assert told["commit"] == assessed.git("rev-parse", "HEAD").strip()
    assert told["rules"]["OWN-001"]["params"] == {"start": "team-"}
    assert {len(one["sha256"]) for one in told["cards"]} == {64}
    assert [(one["kind"], one["rule"], one["for"]) for one in told["exceptions"]] == [
        ("waiver", "OWN-001", "waived-v1"),
        ("override", "OWN-001", "owner ada"),
    ]


def test_the_spreadsheet_has_a_line_for_each_result_and_no_formula(assessed: Workspace) -> None:
    lines = list(csv.DictReader(io.StringIO(report(assessed, form="csv"))))
    assert len(lines) == 11
    assert {line["title"] for line in lines} == {"'=Ownership <b>", "Beginnings", "Budgets", "Ends"}
    (bad,) = [line for line in lines if line["state"] == "not satisfied"]
    assert (bad["pack version"], bad["path"], bad["line"], bad["applies"]) == ("7", "cards/bad-v1.yaml", "3", "yes")
    assert len(bad["file sha256"]) == len(bad["rule sha256"]) == 64


class Page(HTMLParser):
    """Remembers the text, and that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_shows_what_is_written_as_text(assessed: Workspace) -> None:
    page = Page()
    page.feed(report(assessed, form="html"))
    assert page.open == []
    assert "=Ownership <b>" in page.text
    assert "waived by bob until 2026-12-31" in page.text
    assert "the owner is no team" in page.text
    assert "cards/bad-v1.yaml:3" in page.text
    assert "a card holds no budget" in page.text


def test_oscal_has_the_form_and_is_the_same_each_time(assessed: Workspace) -> None:
    document = report(assessed, form="oscal")
    check(document)
    assert document == report(assessed, form="oscal")
    (result,) = document["assessment-results"]["results"]
    (finding,) = result["findings"]
    assert finding["target"]["target-id"] == "handbook_3"
    assert finding["target"]["status"] == {"state": "not-satisfied", "reason": "fail"}
    assert finding["description"] == "1 of 3 results are satisfied."
    only = report(assessed, "--card", "waived-v1", form="oscal")
    check(only)
    status = only["assessment-results"]["results"][0]["findings"][0]["target"]["status"]
    assert status == {"state": "not-satisfied", "reason": "other", "remarks": "waived"}


def test_the_text_tells_what_is_wrong_and_every_exception(assessed: Workspace) -> None:
    told = report(assessed, form="text")
    assert "  3  card bad-v1  OWN-001 not satisfied: the owner is no team (cards/bad-v1.yaml:3)" in told
    assert "waiver of OWN-001 for waived-v1: in force, by bob until 2026-12-31: the team is being founded" in told
    assert "override of OWN-001 for owner ada: level warn, in force, by bob until 2026-12-31: one person" in told


def test_an_earlier_day_and_an_earlier_revision(assessed: Workspace) -> None:
    first = assessed.git("rev-parse", "HEAD").strip()
    assessed.write("cards/bad-v1.yaml", CARD.format(name="bad-v1", owner="team-b"))
    assert report(assessed)["uncommitted"] == ["cards/bad-v1.yaml"]
    assessed.commit()
    assert [one for one in report(assessed)["results"] if one["state"] == "not satisfied"] == []
    earlier = report(assessed, "--at", first)
    assert [one["name"] for one in earlier["results"] if one["state"] == "not satisfied"] == ["bad-v1"]
    assert (earlier["commit"], earlier["uncommitted"]) == (first, [])
    assert report(assessed, "--at", "2999-01-01")["on"] == "2999-01-01"
    assert [one for one in report(assessed, "--at", "2999-01-01")["results"] if one["state"] == "waived"] == []
    done = assessed.cardops("policy", "report", "--at", "1999-01-01")
    assert (done.code, "Nothing was merged by 1999-01-01." in done.err) == (64, True)


def test_sign_offs_come_from_the_ledger(assessed: Workspace) -> None:
    signoff = {"account": OWNER, "region": "eu-west-1", "card": "good-v1", "status": "Approved", "digest": "d"}
    predicate = {
        "repository": "gov-test-1a2b",
        "commit": "c0ffee",
        "finished": "2026-11-02T10:00:00Z",
        "signoffs": [{**signoff, "approved_by": ["bob", "cyd"], "pull_request": "#7"}],
    }
    statement = {"predicateType": "urn:cardops:run:1", "predicate": predicate}
    assessed.git("checkout", "-q", "--orphan", "cardops-ledger")
    assessed.git("rm", "-rqf", ".")
    assessed.write("runs/2026-11-02.json", json.dumps(statement))
    assessed.git("add", "runs")
    assessed.git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "run")
    assessed.git("checkout", "-qf", "main")
    (card,) = [one for one in report(assessed, "--card", "good-v1")["cards"] if one["kind"] == "card"]
    assert card["signoff"] == {
        "status": "Approved",
        "approved_by": ["bob", "cyd"],
        "pull_request": "#7",
        "digest": "d",
        "commit": "c0ffee",
        "when": "2026-11-02T10:00:00Z",
    }
    assert "bob, cyd on 2026-11-02" in report(assessed, form="html")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--pack", "handbok"), "There is no pack 'handbok'. (hint: did you mean 'handbook'?)"),
        (("--card", "godd-v1"), "There is no card 'godd-v1'. (hint: did you mean 'good-v1'?)"),
        (("--at", ""), ""),
    ],
)
def test_what_is_not_there_is_wrong_usage(assessed: Workspace, options: tuple[str, ...], said: str) -> None:
    done = assessed.cardops("policy", "report", *options)
    assert (done.code, said in done.err) == (64, True)
