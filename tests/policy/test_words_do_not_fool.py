"""Cards that are honest pass, cards that only look so do not, and how anything is spelt changes neither."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.commands.templates import CARD_TEXT
from cardops.model.findings import Finding, Location
from cardops.policy.cases import Case
from cardops.policy.cel import bind
from cardops.policy.evaluator import RuleEvaluator
from cardops.policy.facts import Facts, Subject, Subjects
from cardops.policy.findings import FindingReporter
from cardops.policy.model_view import view
from cardops.policy.runner import RuleResult
from cardops.policy.summary import parameters
from cardops.strict_yaml.reader import load
from support.profiles import examples
from support.shipped_policies import ROOT, shipped, value_of

POLICIES = shipped()
EVALUATOR = RuleEvaluator(POLICIES.rules.values())
BUNDLES = EVALUATOR.bundles(POLICIES.on_single_cards())
PARAMETERS = parameters(POLICIES.rules.values(), POLICIES.enforcement)
BASE = {**value_of(ROOT / "cards/credit-risk-v2.yaml"), "status": "PendingReview"}
TODAY = "2026-11-30"
Edit = Callable[[dict[str, Any]], None]


def judge(card: Mapping[str, Any], today: str = TODAY) -> list[Finding]:
    """What the shipped rules find in one card, placed by the path that they name."""

    def place(where: Any, at_key: bool) -> Location:
        return Location("/".join(map(str, where)))

    subject = Subject("card", f"111111111111/eu-west-1/{card['name']}", "cards/a.yaml", card, place, "shared-services")
    variables = {**PARAMETERS, "card": card, "today": today, "model": view(card, today, POLICIES.vocabulary)}
    bound = bind(variables)
    reporter = FindingReporter(POLICIES, Facts(Subjects([subject]), today))
    return [
        reporter.hit(RuleResult(rule, Case("card", (rule,), lambda: variables, subject), outcome))[0]
        for bundle in BUNDLES
        for rule in (() if bundle.passes(bound) else bundle.rules)
        for outcome in EVALUATOR.evaluate(rule, bound, variables)
    ]


def denied(card: Mapping[str, Any], today: str = TODAY) -> set[str]:
    return {one.rule for one in judge(card, today) if one.level == "deny"}


def edited(edit: Edit, base: Mapping[str, Any] = BASE) -> dict[str, Any]:
    card = copy.deepcopy(dict(base))
    edit(card)
    return card


def put(path: str, value: Any) -> Edit:
    """Set what a path leads to; None removes it."""

    def edit(card: dict[str, Any]) -> None:
        *above, last = path.split("/")
        at: Any = card
        for step in above:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        key = int(last) if isinstance(at, list) else last
        if value is None:
            del at[key]
        else:
            at[key] = value

    return edit


def both(*edits: Edit) -> Edit:
    def edit(card: dict[str, Any]) -> None:
        for one in edits:
            one(card)

    return edit


OVERVIEW, USES, MORE = "content/model_overview", "content/intended_uses", "content/additional_information"
DETAILS, FIRST, SECOND = f"{MORE}/custom_details", "content/evaluation_details/0", "content/evaluation_details/1"
RANKING, AT_CUT, FAIR = f"{FIRST}/metric_groups/0", f"{FIRST}/metric_groups/1", f"{SECOND}/metric_groups/0"


def number(name: str, value: Any, kind: str = "number") -> dict[str, Any]:
    return {"name": name, "type": kind, "value": value}


def test_the_base_gives_no_findings_but_a_note_about_the_console() -> None:
    assert [finding for finding in judge(BASE) if (finding.rule, finding.level) != ("PKG-010", "audit")] == []


@pytest.mark.parametrize(
    ("edit", "rules"),
    [
        pytest.param(put(f"{FAIR}/metric_data/1", number("impact-ratio", 0.93)), set(), id="the ratio by another name"),
        pytest.param(put(f"{FAIR}/metric_data/1", number("adverse impact ratio", 1.9)), {"EVAL-010"}, id="reversed"),
        pytest.param(
            put(f"{FAIR}/metric_data/2", number("Disparate_Impact", 0.4)), {"EVAL-010"}, id="beside a good one"
        ),
        pytest.param(put(f"{FAIR}/metric_data/1", number("SPD", -0.45)), {"EVAL-017"}, id="a difference"),
        pytest.param(put(f"{FAIR}/metric_data/1", number("DI", "0.5", "string")), {"EVAL-010"}, id="in text"),
        pytest.param(
            put(f"{FAIR}/metric_data/1", number("DI", "see report", "string")), {"EVAL-009", "EVAL-018"}, id="words"
        ),
        pytest.param(put(f"{RANKING}/metric_data/0", number("AUROC", 0.55)), {"EVAL-007"}, id="a weak curve"),
        pytest.param(
            put(f"{RANKING}/metric_data/0", number("auc", "0.55", "string")), {"EVAL-007"}, id="a weak curve in text"
        ),
        pytest.param(put(f"{RANKING}/metric_data/1", number("Gini (%)", 3)), {"EVAL-007"}, id="another coefficient"),
        pytest.param(put(f"{RANKING}/metric_data/0", number("c-statistic", 84)), {"EVAL-008"}, id="per cent unsaid"),
        pytest.param(put(f"{RANKING}/metric_data/0", number("AUC in %", 84)), set(), id="per cent said"),
        pytest.param(
            both(
                put(f"{OVERVIEW}/problem_type", "Kreditwürdigkeit: Klassifikation"),
                put(f"{RANKING}/metric_data", [number("accuracy", 0.99)]),
                put(f"{AT_CUT}/metric_data", [number("accuracy", 0.9)]),
            ),
            {"EVAL-005", "EVAL-019"},
            id="only accuracy, in another language",
        ),
        pytest.param(
            both(
                put(f"{OVERVIEW}/problem_type", "Default detection"),
                put(f"{RANKING}/metric_data", [number("accuracy", 0.99)]),
                put(f"{AT_CUT}/metric_data", [number("precision", 0.9)]),
            ),
            {"EVAL-005", "EVAL-019"},
            id="only accuracy, by another word",
        ),
        pytest.param(
            put(f"{OVERVIEW}/problem_type", "Classification with logistic regression"), set(), id="no regression"
        ),
        pytest.param(
            both(put(f"{OVERVIEW}/problem_type", "Magic"), put("content/model_package_details/task", "OTHER")),
            {"DOC-017"},
            id="a kind that nobody knows",
        ),
        pytest.param(
            put(f"{FIRST}/metric_groups/2", {"name": "the incumbent", "metric_data": [number("auc", 0.6)]}),
            set(),
            id="champion",
        ),
        pytest.param(
            put(f"{SECOND}/metadata/evaluated on", "2026-02-16T23:59:59+01:00"), set(), id="a day with a time"
        ),
        pytest.param(put(f"{SECOND}/metadata/evaluated on", "2026-02-30"), {"EVAL-011"}, id="a day that is none"),
        pytest.param(put(f"{SECOND}/metadata/evaluated on", "2031-01-01"), {"EVAL-011"}, id="a day to come"),
        pytest.param(
            both(
                put(f"{FIRST}/metadata/evaluated by", "Credit Models"),
                put(f"{SECOND}/metadata/evaluated by", "TEAM_CREDIT_MODELS"),
            ),
            {"EVAL-014"},
            id="by the owner",
        ),
        pytest.param(
            both(put("status", "Approved"), put("tags/review-cycle", "quarterly")),
            {"EVAL-021"},
            id="a cycle that is not kept",
        ),
        pytest.param(
            put(f"{FIRST}/datasets/0", "s3://example-credit-data/bureau/2021-2024"), {"EVAL-004"}, id="training data"
        ),
        pytest.param(
            both(
                put(f"{DETAILS}/human oversight", None), put(f"{DETAILS}/Human_Oversight", "a clerk decides each one")
            ),
            set(),
            id="a detail by another name",
        ),
        pytest.param(put(f"{DETAILS}/fallback", "To be determined."), {"DOC-012"}, id="a detail without an answer"),
        pytest.param(
            put(f"{MORE}/caveats_and_recommendations", "Não usar em todo o território sem revisão."), set(), id="todo"
        ),
        pytest.param(put(f"{MORE}/caveats_and_recommendations", "Limits t.b.d. by risk"), {"DOC-013"}, id="t.b.d."),
        pytest.param(put(f"{USES}/explanations_for_risk_rating", "." * 60), {"DOC-003"}, id="dots"),
        pytest.param(
            put(f"{USES}/explanations_for_risk_rating", "誤った判定は申込者の生活に大きな影響を与える"),
            set(),
            id="Japanese",
        ),
        pytest.param(
            put(
                "content/training_details/training_job_details/training_arn",
                "https://ml.example.org/experiments/4/runs/7",
            ),
            set(),
            id="a run elsewhere",
        ),
        pytest.param(put(f"{DETAILS}/source code", "git@example.org:models/scorecard.git"), set(), id="no address"),
        pytest.param(put(f"{SECOND}/metadata/contact", "ada@example.org"), {"DATA-008"}, id="an address"),
        pytest.param(
            put(f"{SECOND}/metadata/store", "redis://app:hunter22@cache.example.org"), {"DATA-009"}, id="a password"
        ),
        pytest.param(put(f"{DETAILS}/tokens", "pad_token=<pad> unk_token=<unk>"), set(), id="no credential"),
        pytest.param(put(f"{OVERVIEW}/model_owner", "Credit models team"), set(), id="the owner spelt otherwise"),
        pytest.param(
            put(f"{OVERVIEW}/inference_environment/container_image/0", "scorecard:Main"), {"PKG-006"}, id="a branch"
        ),
        pytest.param(
            both(put("status", "Draft"), put("content/model_package_details/model_approval_status", "Approved")),
            set(),
            id="a draft of what was approved before",
        ),
        pytest.param(
            put("content/model_package_details/model_package_version", None), {"PKG-008"}, id="silent about the package"
        ),
        pytest.param(put("tags/data-class", "secret"), {"DATA-001"}, id="a class that nobody knows"),
        pytest.param(put("tags/tier", "first"), {"RISK-001"}, id="a tier that nobody knows"),
    ],
)
def test_what_words_can_and_cannot_do(edit: Edit, rules: set[str]) -> None:
    assert denied(edited(edit)) == rules


CLARIFY = {
    "name": "post_training_bias_metrics~age",
    "metric_data": [number("DI", 0.86), number("DPPL", 0.09), number("AD", 0.05), number("CDDPL", 0.04)],
}


@pytest.mark.parametrize(("ratio", "rules"), [(0.86, set()), (0.51, {"EVAL-010"})])
def test_a_report_of_clarify_is_understood(ratio: float, rules: set[str]) -> None:
    card = edited(put(f"{SECOND}/metric_groups", [copy.deepcopy(CLARIFY)]))
    card["content"]["evaluation_details"][1]["metric_groups"][0]["metric_data"][0]["value"] = ratio
    assert denied(card) == rules


HOLLOW = {
    f"{OVERVIEW}/model_name": "N.A.",
    f"{OVERVIEW}/model_description": "none",
    f"{OVERVIEW}/problem_type": "?",
    f"{OVERVIEW}/algorithm_type": "tbd",
    f"{OVERVIEW}/model_creator": "Nobody",
    f"{USES}/purpose_of_model": "--",
    f"{USES}/intended_uses": "n/a",
    f"{USES}/factors_affecting_model_efficiency": "keine",
    f"{USES}/explanations_for_risk_rating": "-" * 80,
    "content/business_details/business_problem": "...",
    "content/business_details/business_stakeholders": "unknown",
    "content/business_details/line_of_business": "none.",
    "content/training_details/training_observations": "n/a",
    "content/training_details/objective_function/notes": "nil",
    "content/training_details/training_job_details/training_arn": "arn:",
    f"{MORE}/ethical_considerations": "None",
    f"{MORE}/caveats_and_recommendations": "TODO",
    **{
        f"{DETAILS}/{name}": "to be determined"
        for name in ("data retention", "data protection assessment", "human oversight", "monitoring", "fallback")
    },
    f"{DETAILS}/validation report": "pending",
    f"{DETAILS}/reason codes": "-",
    f"{DETAILS}/trained on": "2099-02-31",
}


def test_a_hollow_card_has_one_finding_a_field() -> None:
    card = edited(both(*(put(path, value) for path, value in HOLLOW.items())))
    found = [one for one in judge(card) if one.level == "deny"]
    said = [one for one in found if one.rule != "DOC-017"]
    fields = [path for path in HOLLOW if not path.startswith(DETAILS)]
    assert {path: sum(one.location.path == path for one in said) for path in fields} == dict.fromkeys(fields, 1)
    assert sum(one.location.path == DETAILS for one in said) == sum(path.startswith(DETAILS) for path in HOLLOW)


def test_what_a_new_card_begins_with_does_not_pass_a_review() -> None:
    text = CARD_TEXT.format(name="churn-v1", owner="team-churn").replace("status: Draft", "status: PendingReview")
    found = [one for one in judge(load(text).value) if one.level == "deny"]
    told = [one.location.path for one in found if "still the text" in one.message]
    assert sorted(told) == [f"{USES}/intended_uses", f"{USES}/purpose_of_model", f"{OVERVIEW}/model_description"]
    assert {"DOC-002", "DOC-004", "DOC-001", "EVAL-001"} <= {one.rule for one in found}


def evaluation(*metrics: Any, data: str, by: str = "team-model-validation", **metadata: str) -> dict[str, Any]:
    return {
        "name": "evaluation",
        "evaluation_observation": "What was found is told here in a sentence or two.",
        "datasets": [data],
        "metadata": {"evaluated on": "2026-11-02", "evaluated by": by, **metadata},
        "metric_groups": [{"name": "all", "metric_data": list(metrics)}],
    }


def honest(overview: Mapping[str, Any], details: Mapping[str, str], *evaluations: Any, **more: Any) -> dict[str, Any]:
    """A card of Medium risk with nothing special about it, but for what is given."""
    card = edited(put(USES, {**BASE["content"]["intended_uses"], "risk_rating": "Medium"}))
    card |= {"name": "honest-v1", "tags": {"cost-center": "1000", "domain": "claims", "data-class": "internal"}}
    del card["model_package"], card["content"]["model_package_details"]
    content = card["content"]
    content["model_overview"] = {**content["model_overview"], "model_version": 1, **overview}
    content["additional_information"]["custom_details"] = dict(details)
    content["evaluation_details"] = list(evaluations)
    content |= more
    return card


def language_model() -> dict[str, Any]:
    card = honest(
        {"problem_type": "Summarization", "algorithm_type": "Hosted large language model", "model_creator": "A vendor"},
        {
            "Vendor": "a vendor of models",
            "base model": "Some Model 4",
            "license": "commercial terms of 2026",
            "prompt version": "prompts of 12 October, no tuning",
            "user notice": "a line under each summary",
            "oversight": "a clerk reads each summary before it is filed",
            "monitoring plan": "fifty summaries a week are read again",
            "contingency": "summaries are written by hand",
            "guardrails": "names and account numbers are masked",
            "usage policy": "for clerks, and for letters only",
            "watermark": "none is needed, since summaries stay inside",
        },
        evaluation(
            number("hallucination rate", 0.03),
            number("toxicity", 0),
            number("jailbreak success (%)", 2),
            data="s3://d/x/",
        ),
    )
    del card["content"]["training_details"]
    for gone in ("model_artifact", "inference_environment"):
        del card["content"]["model_overview"][gone]
    return card


HONEST = {
    "a language model of a vendor": language_model(),
    "clusters, shown on what they were found in": honest(
        {"problem_type": "Customer segmentation", "algorithm_type": "k-means"},
        {"trained on": "2026-10-01"},
        evaluation(number("Silhouette", 0.38), data="s3://example-credit-data/bureau/2021-2024/"),
    ),
    "a forecast in another unit": honest(
        {"problem_type": "Nachfrageprognose", "algorithm_type": "Gradient boosting"},
        {"trained on": "2026-10-01"},
        evaluation(number("RMSE [pallets]", 41.5), number("wMAPE (%)", 14.2), data="s3://example/sales/2026-10/"),
    ),
    "a card that is not in English": honest(
        {
            "problem_type": "Klassifikation",
            "algorithm_type": "Entscheidungsbäume",
            "model_description": "Schätzt, welche Verträge gekündigt werden.",
            "model_name": "Kündigungen",
        },
        {"trainiert am": "2026-10-01"},
        evaluation(number("Trefferquote", 0.71), number("Genauigkeit", 0.88), data="s3://example/vertraege/2026-10/"),
        business_details={
            "business_problem": "Jeder siebte Vertrag endet.",
            "business_stakeholders": "Kundenbetreuung, Datenschutz",
            "line_of_business": "Mobilfunk",
        },
    ),
}


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("status", ["PendingReview", "Approved"])
def test_honest_cards_of_other_kinds_pass(name: str, status: str) -> None:
    assert [str(one) for one in judge({**HONEST[name], "status": status}) if one.level != "audit"] == []


SPELLINGS = st.sampled_from(
    [str.lower, str.upper, str.title, lambda text: text.replace(" ", "_"), lambda text: text.replace(" ", "-")]
)
METRICS = {
    "EVAL-007": (["auc", "roc auc", "auroc", "area under the curve"], 0.6),
    "EVAL-010": (["adverse impact ratio", "disparate impact", "di", "selection rate ratio"], 0.6),
    "EVAL-017": (
        ["demographic parity difference", "spd", "dppl", "equal opportunity difference", "equalized odds difference"],
        0.5,
    ),
}


def written(value: float, how: str) -> tuple[Any, str, str]:
    """A value, its type and the unit in its name, in one of the ways in which people write them."""
    return {
        "number": (value, "number", ""),
        "text": (str(value), "string", ""),
        "comma": (str(value).replace(".", ","), "string", ""),
        "per cent": (value * 100, "number", " (%)"),
        "per cent in text": (f"{value * 100:g} %", "string", ""),
    }[how]


@examples(60)
@given(
    rule=st.sampled_from(sorted(METRICS)),
    spell=SPELLINGS,
    how=st.sampled_from(["number", "text", "comma", "per cent", "per cent in text"]),
    bad=st.booleans(),
    data=st.data(),
)
def test_no_spelling_of_a_metric_changes_the_verdict(
    rule: str, spell: Callable[[str], str], how: str, bad: bool, data: st.DataObject
) -> None:
    names, broken = METRICS[rule]
    sound = {"EVAL-007": 0.9, "EVAL-010": 0.95, "EVAL-017": 0.05}[rule]
    value, kind, unit = written(broken if bad else sound, how)
    metric = number(spell(data.draw(st.sampled_from(names))) + unit, value, kind)
    place = f"{RANKING}/metric_data/0" if rule == "EVAL-007" else f"{FAIR}/metric_data/1"
    assert denied(edited(put(place, metric))) == ({rule} if bad else set())


EMPTY = [
    "n/a",
    "none",
    "tbd",
    "to be determined",
    "unknown",
    "keine",
    "aucun",
    "no aplica",
    "nessuno",
    "未定",
    "なし",
    "-",
    "?",
    "",
]


@examples(60)
@given(
    path=st.sampled_from([path for path in HOLLOW if not path.endswith(("training_arn", "trained on"))]),
    word=st.sampled_from(EMPTY),
    spell=st.sampled_from([str.lower, str.upper, str.title]),
    around=st.sampled_from(["{}", " {} ", "{}.", "({})", "- {}", "{}, {}", "{}!"]),
)
def test_no_way_of_saying_nothing_passes(path: str, word: str, spell: Callable[[str], str], around: str) -> None:
    text = around.format(*[spell(word)] * around.count("{}"))
    assert len(denied(edited(put(path, text)))) == 1


KINDS = {
    "classification": [
        "Binary classification",
        "Klassifikation",
        "Fraud detection",
        "clasificación",
        "Logit scorecard",
        "分類",
    ],
    "forecasting": ["Forecasting", "Time-series", "Prognose", "prévision", "demand planning", "予測"],
    "clustering": ["Clustering", "Segmentation", "Anomaly detection", "topic model", "聚类"],
}


@examples(40)
@given(kind=st.sampled_from(sorted(KINDS)), data=st.data(), spell=st.sampled_from([str.lower, str.upper, str.title]))
def test_no_word_for_a_problem_changes_what_is_asked(
    kind: str, data: st.DataObject, spell: Callable[[str], str]
) -> None:
    wanted = {"classification": {"EVAL-005", "EVAL-019"}, "forecasting": {"EVAL-006"}, "clustering": {"EVAL-023"}}[kind]
    only = [number("accuracy", 0.9)]
    name = spell(data.draw(st.sampled_from(KINDS[kind])))
    edit = both(
        put(f"{OVERVIEW}/problem_type", name),
        put("content/model_package_details/task", "OTHER"),
        put(f"{OVERVIEW}/algorithm_type", "Gradient boosting"),
        put(f"{RANKING}/metric_data", only),
        put(f"{AT_CUT}/metric_data", only),
    )
    assert denied(edited(edit)) == wanted
