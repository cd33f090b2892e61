"""The comment on a pull request: what it says, to whom, and that it fits."""

import pytest

from cardops.model import canonical
from cardops.model.findings import Finding, Location
from cardops.plan.approvals import SignatureRequest
from cardops.plan.delta import delta
from cardops.render.links import Links
from cardops.render.markdown import LIMIT, size
from cardops.render.plan_comment import MARKER, as_markdown
from cardops.render.plan_report import PlanReport
from conftest import Golden
from support.builders import (
    APPROVED,
    ARCHIVED,
    DRAFT,
    PENDING,
    PROD,
    READ,
    TEST,
    card,
    config,
    desired,
    grant,
    live,
    observed,
    planned,
    ram_share,
    share,
    words,
)
from support.replacing import replace

LIFECYCLE = share(
    grant("ml-dev", "contribute", DRAFT, PENDING),
    grant("ml-test", "read", PENDING, APPROVED),
    grant("ml-prod", "read", APPROVED),
)
EVALUATED = words(
    "ranks contracts\nfor the retention desk",
    risk_rating="Medium",
) | {
    "evaluation_details": [
        {"name": "holdout", "metric_groups": [{"name": "quality", "metric_data": [{"name": "auc"}, {"name": "f1"}]}]}
    ]
}


def approving() -> PlanReport:
    """A card is approved, while main had left another one undone."""
    pending, wanted = card("churn", PENDING, EVALUATED), card("churn", APPROVED, EVALUATED)
    forgotten = card("forgotten", content=words("second"))
    found = observed(
        live(pending),
        live(card("forgotten")),
        shares=[ram_share(holds=("churn", "forgotten")), ram_share(TEST, READ, ("churn",))],
    )
    old = [card("forgotten"), pending]
    base = planned(desired(pending, forgotten, shares=[LIFECYCLE], commit="e" * 40), found, bases=old)
    plan = planned(desired(wanted, forgotten, shares=[LIFECYCLE]), found, bases=old)
    before = card("churn", APPROVED, words("ranks contracts", risk_rating="Low"))
    waived = Finding("EVAL-002", Location("cards/churn.yaml", 9, 5), "no bias metrics", suppressed="until the audit")
    warned = Finding("OWN-001", Location("cards/churn.yaml", 3, 8), "the owner has no group", "add it", "warn")
    return PlanReport(
        plan,
        config(),
        (waived, warned),
        delta(plan, base),
        (SignatureRequest(wanted, before, "d" * 40),),
        links=Links("https://git.example/org/repo", "c" * 40),
    )


def first(report: PlanReport) -> str:
    return as_markdown(report).splitlines()[0]


def alone(*args: object, **more: object) -> PlanReport:
    return PlanReport(planned(*args, **more), config())  # type: ignore[arg-type]


def test_a_pull_request_that_approves(golden: Golden) -> None:
    golden("comment-approving.md", as_markdown(approving()))


def test_access_is_spelt_out_with_the_account_and_only_what_is_new() -> None:
    text = as_markdown(approving())
    assert "- `ml-prod` (`444444444444`) will be able to read `churn`" in text
    assert "- `ml-dev` (`222222222222`) will no longer be able to read and write `churn`" in text
    assert "will be able to read `forgotten`" not in text


def test_what_main_left_undone_is_apart() -> None:
    text = as_markdown(approving())
    table, apart = text.split("Left over from earlier merges", 1)
    assert "`forgotten`" not in table
    assert "`forgotten` (`shared-services`): content updated" in apart


def test_a_swap_of_levels_is_what_changes_between_them() -> None:
    swapped = share(grant("ml-dev", "read", DRAFT))
    report = alone(desired(card(), shares=[swapped]), observed(live(card()), shares=[ram_share()]))
    text = as_markdown(report)
    assert "- `ml-dev` (`222222222222`) will no longer be able to write `churn`" in text
    assert "able to read" not in text


def test_a_share_that_ends_names_its_cards() -> None:
    gone = ram_share(PROD, READ, ("churn",), name="old")
    text = as_markdown(alone(desired(card()), observed(live(card()), shares=[gone])))
    assert "| `churn` | `shared-services` | access ended for `ml-prod` |" in text
    assert "- `ml-prod` (`444444444444`) will no longer be able to read `churn`" in text


def test_the_verdict_is_the_first_line_and_the_marker_the_last() -> None:
    same = (desired(card()), observed(live(card())))
    assert first(alone(*same)) == "✅ **Merging this changes nothing in AWS.**"
    assert first(alone(desired(card()), observed())) == "✅ **Merging this changes 1 card.**"
    assert first(approving()) == (
        "✍️ **Your approval signs `churn`. Merging this changes 1 card, and `ml-prod` will gain access.**"
    )
    held = alone(*same, blocked={card().key: "waits"})
    assert first(held) == "✋ **1 card would be held.**"
    denied = replace(held, found=(Finding("X-1", Location("cardops.yaml"), "no"),))
    assert first(denied) == "⛔ **1 finding to fix before this can be merged.**"
    unread = replace(denied, unknown={"1/eu-west-1": "denied"})
    assert first(unread) == "⛔ **This plan is incomplete: 1 place could not be read.**"
    assert {as_markdown(one).splitlines()[-1] for one in (held, denied, unread, approving())} == {MARKER}


def test_an_audit_finding_or_a_waived_one_denies_nothing() -> None:
    report = alone(desired(card()), observed(live(card())))
    found = (
        Finding("X-1", Location("cardops.yaml"), "no", level="audit"),
        Finding("X-2", Location("cardops.yaml"), "no", suppressed="agreed"),
    )
    assert first(replace(report, found=found)).startswith("✅")
    both = (*found, Finding("X-3", Location("cardops.yaml"), "no"))
    assert first(replace(report, found=both)).startswith("⛔ **1 finding ")


def test_links_are_relative_without_a_page() -> None:
    report = replace(approving(), links=Links())
    assert "[`cards/churn.yaml:3:8`](cards/churn.yaml#L3)" in as_markdown(report)


def test_a_first_approval_signs_all_of_it() -> None:
    report = replace(approving(), to_sign=(SignatureRequest(card("churn", APPROVED, EVALUATED), None),))
    text = as_markdown(report)
    assert "- content: all of it, since no version of it was Approved before" in text
    assert "- evidence: `holdout` (2 metrics)" in text
    assert text.count("+ ranks contracts") == 0
    assert '+   "purpose_of_model": "ranks contracts\\nfor the retention desk"' in text


def test_evidence_that_is_missing_is_said() -> None:
    report = replace(approving(), to_sign=(SignatureRequest(card("churn", APPROVED), None),))
    assert "- evidence: none: the card has no evaluation" in as_markdown(report)


@pytest.mark.parametrize("purpose", ["x" * 300, "𝒜é" * 150, "a\n" * 150])
def test_a_thousand_new_cards_fit_with_whole_rows_and_closed_folds(purpose: str) -> None:
    cards = [card(f"card-{at:04}", content=words(purpose)) for at in range(1_000)]
    report = alone(desired(*cards, shares=[LIFECYCLE]), observed())
    text = as_markdown(report)
    assert LIMIT * 0.9 < size(text) == len(text.encode("utf-16-le")) // 2 <= LIMIT
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert "*Left out because the comment is full: " in text
    assert "the artifact of this run.*" in text
    rows = [line for line in text.splitlines() if line.startswith("| `card-")]
    assert all(line.endswith(" |") for line in rows)
    assert f"Plan digest `{report.plan.digest()}`" in text
    assert text.splitlines()[-1] == MARKER


def test_one_huge_value_is_cut_where_it_is_shown_and_says_so() -> None:
    report = alone(desired(card(content=words("é" * 90_000))), observed())
    text = as_markdown(report)
    assert size(text) < LIMIT
    assert "characters more in plan.json)" in text


def test_an_archived_card_is_archived() -> None:
    report = alone(desired(card(status=ARCHIVED)), observed(live(card())), bases=[card()])
    assert "| `churn` | `shared-services` | archived |" in as_markdown(report)


def test_content_is_what_is_declared() -> None:
    approval = SignatureRequest(card("churn", APPROVED, EVALUATED), card("churn", APPROVED, words("old")))
    assert canonical.from_bytes(approval.card.content) == EVALUATED
    assert [change.path for change in approval.changes()] == [
        "content.evaluation_details",
        "content.intended_uses.purpose_of_model",
        "content.intended_uses.risk_rating",
    ]
