"""The variable `model`: what a card says, however it is spelt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardops.policy.model_view import view
from cardops.policy.plain_names import letters_of
from cardops.policy.said import problem_of
from support.policies import policies, rule
from support.shipped_policies import shipped

WORDS = shipped().vocabulary
TODAY = "2026-11-30"


def model(**content: Any) -> dict[str, Any]:
    return view({"status": "PendingReview", "owner": "team-a", "content": content}, TODAY, WORDS)


def evaluated(*metrics: Any, **evaluation: Any) -> dict[str, Any]:
    groups = [{"name": "g", "metric_data": list(metrics)}]
    return model(evaluation_details=[{"name": "e", "metric_groups": groups, **evaluation}])


def metric(name: str, value: Any = 0.5, kind: str = "number") -> dict[str, Any]:
    return {"name": name, "type": kind, "value": value}


@pytest.mark.parametrize(
    ("spelt", "known"),
    [
        *(
            (name, "auc")
            for name in ("AUC", "roc_auc", "AUC-ROC", "rocAuc", "Auc (ROC)", "test_auc", "AUROC", "c-statistic")
        ),
        *((name, "impact ratio") for name in ("DI", "Disparate Impact (DI)", "adverse_impact_ratio", "Impact-Ratio")),
        *((name, "macro f1") for name in ("weighted_f1", "F1 macro", "macro-F1", "macro avg f1-score")),
        *((name, "percentage error") for name in ("WAPE (%)", "wape", "sMAPE")),
        *((name, "rmse") for name in ("RMSE [pallets]", "root mean squared error", "rmse (EUR)")),
        ("CRPS", "quantile loss"),
        ("pr_auc", "pr auc"),
    ],
)
def test_a_metric_is_known_by_any_of_its_names(spelt: str, known: str) -> None:
    assert [one["metric"] for one in evaluated(metric(spelt))["metrics"]] == [known]


@pytest.mark.parametrize(
    "spelt", ["default rate by band", "vibes", "discount", "Kurs", "rows", "adoption", "madrid share"]
)
def test_another_number_is_no_metric(spelt: str) -> None:
    assert evaluated(metric(spelt))["metrics"] == []


@given(st.sampled_from(["roc auc", "f1 score", "adverse impact ratio"]), st.sampled_from("_- ."), st.data())
def test_case_and_separators_do_not_matter(name: str, separator: str, data: st.DataObject) -> None:
    parts = [data.draw(st.sampled_from([part, part.upper(), part.title()])) for part in name.split()]
    told = evaluated(metric(separator.join(parts)))["metrics"]
    assert [one["metric"] for one in told] == [one["metric"] for one in evaluated(metric(name))["metrics"]] != []


@pytest.mark.parametrize(
    ("name", "value", "kind", "number", "problem"),
    [
        ("auc", 0.84, "number", 0.84, ""),
        ("auc", "0.84", "string", 0.84, ""),
        ("auc", "0,84", "string", 0.84, ""),
        ("auc", "84 %", "string", 0.84, ""),
        ("auc (%)", 84, "number", 0.84, ""),
        ("auc", "about .84", "string", 0.0, "is not a number"),
        ("auc", "~0.84 ± 0.01", "string", 0.84, ""),
        ("auc", 84.4, "number", 84.4, "cannot be true"),
        ("auc", -0.1, "number", -0.1, "cannot be true"),
        ("auc", True, "boolean", 0.0, "is not a number"),
        ("adverse impact ratio", "not measured", "string", 0.0, "is not a number"),
        ("rmse", "1,234.5", "string", 1234.5, ""),
        ("rmse", 10**400, "number", 0.0, "is not a number"),
        ("mape (%)", 16.8, "number", 0.168, ""),
    ],
)
def test_values_as_people_write_them(name: str, value: Any, kind: str, number: float, problem: str) -> None:
    (told,) = evaluated(metric(name, value, kind))["metrics"]
    assert (pytest.approx(told["value"]), told["problem"]) == (number, problem)


def test_a_comparison_is_one_only_beside_the_models_own_figure() -> None:
    previous = {"name": "previous model", "metric_data": [metric("auc", 0.66)]}
    own = {"name": "all", "metric_data": [metric("auc", 0.84)]}
    both = model(evaluation_details=[{"metric_groups": [own, previous]}])
    assert [(one["role"], one["value"]) for one in both["metrics"]] == [("model", 0.84), ("champion", 0.66)]
    alone = model(evaluation_details=[{"metric_groups": [previous]}])
    assert [one["role"] for one in alone["metrics"]] == ["model"]


@pytest.mark.parametrize("metadata", [{"role": "Champion"}, {"slice": "thin files"}, {"Model-Role": "baseline"}])
def test_a_declared_role_holds_for_the_whole_evaluation(metadata: Any) -> None:
    own = {"metric_groups": [{"name": "all", "metric_data": [metric("auc", 0.8)]}]}
    other = {"metadata": metadata, "metric_groups": [{"name": "x", "metric_data": [metric("AUC", 0.6)]}]}
    told = model(evaluation_details=[own, other])
    assert [one["role"] == "model" for one in told["metrics"]] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "n/a",
            "N.A.",
            "-",
            "?",
            "....",
            " ",
            "TBD",
            "tbd, todo",
            "None.",
            "to be determined",
            "keine",
            "Aucun",
            "未定",
            "なし",
        ),
        *("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "n/a / n/a", "Entfällt", "no aplica", "0000000000"),
        "What the model predicts, from what, and for whom.",
        "what the model predicts from what and for WHOM",
    ],
)
def test_texts_that_say_nothing(text: str) -> None:
    assert problem_of(text, WORDS) not in ("", "holds a placeholder")


@pytest.mark.parametrize(
    "text",
    [
        "HR",
        "El método es válido para todo el territorio nacional",
        "Este método vale sobre todo para contratos.",
        "Sizes S to XXX are out of scope",
        "ローンの延滞確率を推定します。",
        "N/A for prepaid contracts, which have no term",
        "Pending invoices are not scored",
    ],
)
def test_texts_that_say_something(text: str) -> None:
    assert problem_of(text, WORDS) == ""


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Ranks contracts. TODO: inputs",
            "Ranks contracts. t.b.d.",
            "Holds for ???, and more",
            "Ranks <fill in>",
            "todo: add",
        ),
        *(
            "The limits are to be determined by risk",
            "Two TODOs are left",
            "Inputs: coming soon",
            "Ranks <your model here>",
        ),
    ],
)
def test_placeholders_in_a_text(text: str) -> None:
    assert problem_of(text, WORDS) == "holds a placeholder"


def test_a_character_of_japanese_says_as_much_as_three_letters() -> None:
    assert letters_of("ローンの延滞確率を推定します") == 42
    assert letters_of("." * 40) == 0
    assert letters_of("A wrong score costs a call") == 21
    assert letters_of("a" * 40) == 1


@pytest.mark.parametrize(
    ("day", "ago", "problem"),
    [
        ("2026-11-30", 0, ""),
        ("2026-11-29T09:30:00Z", 1, ""),
        ("2026-11-29 09:30", 1, ""),
        ("2026-12-01", -1, "is in the future"),
        ("2099-02-31", -1, "is not a day in the calendar, written YYYY-MM-DD"),
        ("30.11.2026", -1, "is not a day in the calendar, written YYYY-MM-DD"),
        ("TBD", -1, "says nothing"),
        (None, -1, "is missing"),
    ],
)
def test_days(day: Any, ago: int, problem: str) -> None:
    (told,) = model(evaluation_details=[{"metadata": {"Evaluated_on": day} if day else {}}])["evaluations"]
    assert (told["ago"], told["day_problem"]) == (ago, problem)


@pytest.mark.parametrize(
    "by", ["Team-A", "team a", "Builders", "team_b", "team-z and team-a", "TEAM-A (validation)", "nobody", "-"]
)
def test_who_is_not_independent(by: str) -> None:
    told = model(
        model_overview={"model_creator": "Builders (model), team-b"},
        evaluation_details=[{"metadata": {"evaluated by": by}}],
    )
    assert not told["evaluations"][0]["independent"]


def test_who_is() -> None:
    told = model(
        model_overview={"model_creator": "Builders"}, evaluation_details=[{"metadata": {"Validated by": "team-val"}}]
    )
    assert (told["evaluations"][0]["independent"], told["evaluations"][0]["by"]) == (True, "val")


@pytest.mark.parametrize(
    ("dataset", "overlaps"),
    [
        *(
            (one, True)
            for one in (
                "s3://d/train",
                "s3://d/train/",
                "s3://d//train/part-1.csv",
                "S3://d/train/",
                "s3a://d/train/x/y",
            )
        ),
        *((one, False) for one in ("s3://d/test/", "s3://d/train-2/", "s3://d/")),
    ],
)
def test_data_that_was_trained_on(dataset: str, overlaps: bool) -> None:
    job = {"training_job_details": {"training_datasets": ["s3://d/train/"]}}
    told = model(training_details=job, evaluation_details=[{"datasets": [dataset]}])
    assert told["evaluations"][0]["overlaps"] is overlaps


@pytest.mark.parametrize(
    ("problem", "kinds"),
    [
        ("Binary classification (logistic regression)", ["classification"]),
        ("Binäre Klassifikation", ["classification"]),
        ("Fraud detection", ["classification"]),
        ("Anomaly detection", ["clustering"]),
        ("Time series forecasting", ["forecasting"]),
        ("Text generation (RAG)", ["generative"]),
        ("客户分类", ["classification"]),
        ("Something else", []),
    ],
)
def test_kinds_of_problems(problem: str, kinds: list[str]) -> None:
    assert model(model_overview={"problem_type": problem})["kinds"] == kinds


def test_details_are_known_by_other_names() -> None:
    told = model(
        additional_information={"custom_details": {"Human_Oversight": "a clerk decides", "Monitoring plan": "TBD"}}
    )
    assert (told["details"], told["unsaid"]) == ({"human oversight": "a clerk decides"}, {"monitoring": "says nothing"})


def test_of_a_draft_only_suspects_are_told() -> None:
    told = view({"status": "Draft", "content": {"a": {"b": ["x", "me@example.org"]}}}, TODAY, WORDS)
    assert (told["under_review"], told["suspects"]) == (False, [{"at": "content/a/b/1", "text": "me@example.org"}])
    assert told["texts"] == {}


@pytest.mark.parametrize(
    "card", [None, {}, {"content": None}, {"content": {"evaluation_details": [1, {"metric_groups": 3}]}}]
)
def test_anything_has_a_view(card: Any) -> None:
    view(card if card is None else {"status": "Approved", **card}, TODAY, WORDS)


def test_rules_that_look_at_the_model_need_the_vocabulary() -> None:
    (finding,) = policies(rule(require="model.under_review")).findings
    assert str(finding) == (
        "policies/rules.yaml:2:7: policy/no-vocabulary deny: TEST-001 looks at `model`, and there is no "
        "policies/vocabulary.yaml (hint: add the vocabulary that comes with the rules)"
    )
