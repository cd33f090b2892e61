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
from support.golden import Golden
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


OUTSIDER = "arn:aws:iam::444444444444:role/outsider"


def crowded(number: int, principals: int = 1) -> PlanReport:
    """An existing card gains readers among many new drafts that three accounts may use."""
    drafts = [card(f"a{at:04}") for at in range(number)]
    known = card("zz", PENDING)
    decoy = share(
        *(grant(to, "contribute", DRAFT) for to in ("ml-dev", "ml-test", "ml-prod")), name="decoy", cards=["a*"]
    )
    outsiders = [OUTSIDER, *(f"{OUTSIDER}-{at:04}" for at in range(1, principals))]
    aimed = share(*(grant(to, "contribute", PENDING) for to in outsiders), name="zz", cards=["zz"])
    return alone(desired(*drafts, known, shares=[decoy, aimed]), observed(live(known)), bases=[known])


@pytest.mark.parametrize("number", [0, 3, 700])
def test_a_new_principal_of_an_existing_card_is_named_however_many_drafts_there_are(number: int) -> None:
    text = as_markdown(crowded(number))
    assert size(text) <= LIMIT
    sentence = f"- `{OUTSIDER}` (not an account of `cardops.yaml`) will be able to read and write `zz`"
    assert sentence in text.splitlines()
    assert text.index(sentence) < text.index("| card | account |")
    assert text.startswith("✅ ")


def test_new_drafts_with_equal_access_are_counted() -> None:
    text = as_markdown(crowded(700))
    assert (
        "- `ml-dev` (`222222222222`) will be able to read and write 700 new cards: "
        "`a0000`, `a0001`, `a0002` and 697 more cards" in text
    )
    assert "| `a0000`, `a0001`, `a0002` and 697 more cards | `shared-services` | created · shared with " in text


def test_every_existing_card_that_somebody_gains_is_named() -> None:
    cards = [card(f"card-{at:03}", PENDING) for at in range(60)]
    opened = share(grant("ml-test", "read", PENDING), name="opened", cards=["card-*"])
    text = as_markdown(alone(desired(*cards, shares=[opened]), observed(*map(live, cards)), bases=cards))
    assert all(f"`{one.key.name}`" in text for one in cards)


def test_a_comment_that_cannot_show_all_new_access_says_that_it_is_not_enough() -> None:
    text = as_markdown(crowded(10, principals=1_000))
    assert size(text) <= LIMIT
    first_line = text.splitlines()[0]
    assert first_line.startswith("⛔ **Too large to review here: ")
    assert first_line.endswith("lines about new access are not shown. Split this pull request, or read `plan.json`.**")


def test_findings_of_files_that_are_not_touched_are_folded_and_block_nothing() -> None:
    old = [
        Finding(f"DOC-{rule:03}", Location(f"cards/old-{at}.yaml", rule, 1), "no purpose " * 9)
        for at in range(60)
        for rule in range(1, 7)
    ]
    report = replace(approving(), found=(*approving().found, *old), existing=frozenset(old))
    text = as_markdown(report)
    assert text.startswith("✍️ **Your approval signs `churn`.")
    assert "360 findings in 60 files that this pull request does not touch (360 deny). None of them blocks it." in text
    assert "+ ranks contracts\n+ for the retention desk" in text
    assert text.index("signs `churn`") < text.index("360 findings")


def test_deny_findings_of_the_change_stay_whatever_else_there_is() -> None:
    mine = [Finding("X-1", Location("cards/zz.yaml", line, 1), "is not allowed") for line in range(1, 41)]
    text = as_markdown(replace(crowded(700), found=tuple(mine)))
    assert text.startswith("⛔ **40 findings to fix before this can be merged.**")
    assert all(f"`cards/zz.yaml:{line}:1`" in text for line in range(1, 41))


def test_the_summary_of_a_signature_has_purpose_risk_owner_and_changed_metrics() -> None:
    def evaluated(auc: float, **uses: str) -> dict[str, object]:
        metric = {"name": "auc", "type": "number", "value": auc}
        groups = [{"name": "quality", "metric_data": [metric, {"name": "f1", "type": "number", "value": 0.7}]}]
        return words("ranks contracts", **uses) | {"evaluation_details": [{"name": "holdout", "metric_groups": groups}]}

    now = card("churn", APPROVED, evaluated(0.84, risk_rating="High"))
    before = card("churn", APPROVED, evaluated(0.81, risk_rating="Low"))._replace(owner="team-old")
    text = as_markdown(replace(approving(), to_sign=(SignatureRequest(now, before, "d" * 40),)))
    assert "- purpose: ranks contracts" in text
    assert "- risk rating: `Low` → `High`" in text
    assert f"- owner: `team-old` → `{now.owner}`" in text
    assert "- metric `holdout / quality / auc`: `0.81` → `0.84`" in text
    assert "f1`: " not in text


def test_who_could_read_it_already_is_said() -> None:
    report = replace(approving(), readers={card("churn").key: {"ml-test": "read"}})
    assert "- access: `ml-test` can read it already" in as_markdown(report)
