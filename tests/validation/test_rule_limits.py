"""What rules can cost is bounded, and what did not run is said and held."""

import pytest

from cardops.desired.loader import load_repository
from cardops.desired.sources import Overlay
from cardops.model.findings import Finding
from cardops.policy import loader
from cardops.policy.files import Files
from cardops.policy.loader import load_policies
from cardops.validation.card_records import RecordedCard, findings_from_json
from cardops.validation.card_worker import MAX_FINDINGS, CardWorker
from support.git_repository import CONFIG

CARD = b"name: churn\nstatus: Draft\nowner: nobody\ncontent: {}\n"
RULE = """\
  - id: R-{number:05}
    title: Rule {number}
    why: Because.
    on: card
    level: warn
    require: card.owner == "team-{number}"
    at: owner
    message: "'another owner'"
    hint: change the owner
    references: [NIST-AI-RMF GOVERN-2.1]
    tests:
      pass: [{{card: {{owner: team-{number}}}}}]
      fail: [{{card: {{owner: nobody}}}}]
"""


def rules(count: int) -> str:
    return "rules:\n" + "".join(RULE.format(number=number) for number in range(count))


def found(count: int) -> list[Finding]:
    source = Overlay({"cards/churn.yaml": CARD, "cardops.yaml": (CONFIG % "none").encode()})
    desired = load_repository(source).desired
    assert desired
    policies = load_policies(Files({"policies/many.yaml": rules(count).encode()}))
    _, record = CardWorker([policies], "2026-06-01", source, desired.config).works_on(["cards/churn.yaml"])(1)
    return list(findings_from_json(RecordedCard(source, "cards/churn.yaml", "", record).found[policies.digest]))


def test_rules_stop_at_a_card_in_which_they_find_very_much_and_hold_it() -> None:
    assert len(found(MAX_FINDINGS)) == MAX_FINDINGS
    findings = found(MAX_FINDINGS + 40)
    assert len(findings) == MAX_FINDINGS + 1
    assert (findings[-1].rule, findings[-1].level) == ("file/more-findings", "deny")
    assert findings[-1].card == "111111111111/eu-west-1/churn"
    assert findings[-1].location.path == "cards/churn.yaml"


def test_rules_beyond_the_limit_are_not_used_and_that_denies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "MAX_RULES", 10)
    most = load_policies(Files({"policies/many.yaml": rules(10).encode()}))
    assert (len(most.rules), most.findings) == (10, ())
    more = load_policies(Files({"policies/many.yaml": rules(40).encode()}))
    assert len(more.rules) == 10
    (finding,) = more.findings
    assert (finding.rule, finding.level) == ("policy/too-long", "deny")
    assert "there are more than 10 rules" in finding.message
