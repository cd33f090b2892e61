"""The evaluator against the decisions that AWS documents, and properties that hold for all requests."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cardops.sandbox.iam.conditions import Undetermined
from cardops.sandbox.iam.evaluator import Decision, Policies, decide, scan
from cardops.sandbox.iam.grammar import Kind, MalformedPolicy, check
from cardops.sandbox.iam.request import Request

TABLE = yaml.safe_load((Path(__file__).parents[1] / "fixtures/iam/decisions.yaml").read_text(encoding="utf-8"))


def named(value: Any) -> Any:
    """Replace names of the table by what they stand for, at any depth."""
    if isinstance(value, dict):
        return {key: named(item) for key, item in value.items()}
    if isinstance(value, list):
        return [named(item) for item in value]
    return TABLE["names"].get(value, value) if isinstance(value, str) else value


def document(statements: Any, version: str) -> str:
    rows = TABLE["policies"][statements] if isinstance(statements, str) else statements
    return json.dumps({"Version": version, "Statement": named(rows)})


def question(case: dict[str, Any]) -> tuple[Request, Policies]:
    row = {**TABLE["defaults"], **case}
    version = row.get("version", "2012-10-17")
    if "if" in row:
        row["identity"] = [[{"Effect": "Allow", "Action": row["do"], "Resource": "*", "Condition": row["if"]}]]

    def some(statements: Any) -> str | None:
        return None if statements is None else document(statements, version)

    def several(items: list[Any]) -> tuple[str, ...]:
        return tuple(document(item, version) for item in items)

    context = row.get("with", {})
    request = Request(
        named(row["who"]),
        row["do"],
        named(row["at"]),
        named(TABLE["contexts"][context] if isinstance(context, str) else context),
        session_of=named(row.get("session_of", "")),
    )
    policies = Policies(
        several(row.get("identity", [])),
        some(row.get("resource")),
        some(row.get("boundary")),
        several(row["session"]) if "session" in row else None,
        tuple(several(level) for level in row.get("scps", [])),
        management=row.get("management", False),
    )
    return request, policies


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["case"])
def test_a_request_is_decided_as_aws_documents_it(case: dict[str, Any]) -> None:
    verdict = decide(*question(case))
    assert (verdict.decision, verdict.by) == (case["expect"], case["by"])


@pytest.mark.parametrize("case", TABLE["undetermined"], ids=lambda case: case["case"])
def test_what_aws_leaves_open_is_not_decided(case: dict[str, Any]) -> None:
    with pytest.raises(Undetermined):
        decide(*question(case))


ALL = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
CASES = st.sampled_from(TABLE["cases"]).map(question)


def denying(action: str, resource: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@given(CASES, st.sampled_from(["identity", "boundary", "session", "resource", "scps"]))
def test_an_explicit_deny_anywhere_decides(asked: tuple[Request, Policies], kind: str) -> None:
    request, policies = asked
    deny = denying(request.action, request.resource)
    if kind == "scps" and (policies.management or "aws-service-role" in request.identity):
        return
    single = kind in ("boundary", "resource")
    more = deny if single else ((deny,),) if kind == "scps" else (*(getattr(policies, kind) or ()), deny)
    assert decide(request, replace(policies, **{kind: more})).decision is Decision.EXPLICIT_DENY


@given(CASES)
def test_a_limit_that_allows_everything_changes_nothing(asked: tuple[Request, Policies]) -> None:
    request, policies = asked
    wider = replace(policies, scps=(*policies.scps, (ALL,)), session=policies.session or (ALL,))
    assert decide(request, wider).decision is decide(request, policies).decision


@given(CASES)
def test_across_accounts_nothing_is_allowed_without_a_resource_policy(asked: tuple[Request, Policies]) -> None:
    request, policies = asked
    alone = decide(request, replace(policies, resource=None))
    if request.account != request.resource_account:
        assert alone.decision is not Decision.ALLOWED


@given(CASES)
def test_across_accounts_the_resource_policy_alone_decides_about_an_administrator(
    asked: tuple[Request, Policies],
) -> None:
    request, policies = asked
    if request.account != request.resource_account:
        documents = () if policies.resource is None else (policies.resource,)
        wanted = decide(request, Policies((ALL,), policies.resource)).decision
        assert scan(documents, request, with_principal=True).decision is wanted


@given(CASES, st.sampled_from(["boundary", "session", "scps"]))
def test_a_further_limit_never_allows_more(asked: tuple[Request, Policies], kind: str) -> None:
    request, policies = asked
    if decide(request, policies).decision is Decision.ALLOWED:
        return
    if getattr(policies, kind):
        return
    nothing = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    limit = {"boundary": nothing, "session": (nothing,), "scps": ((nothing,),)}[kind]
    assert decide(request, replace(policies, **{kind: limit})).decision is not Decision.ALLOWED


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[]", Kind.IDENTITY),
        ("{", Kind.IDENTITY),
        ('{"Version":"2020-01-01","Statement":[]}', Kind.IDENTITY),
        ('{"Statement":[]}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Permit","Action":"*","Resource":"*"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Action":"UpdateModelCard","Resource":"*"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Action":"*","Resource":"card"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Action":"*"}}', Kind.IDENTITY),
        ('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}', Kind.IDENTITY),
        (
            '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Equals":{"a:b":"c"}}}}',
            Kind.IDENTITY,
        ),
        (
            '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}}}',
            Kind.SCP,
        ),
        ('{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}}', Kind.SCP),
        ('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}', Kind.RESOURCE),
        ('{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","NotPrincipal":"*"}}', Kind.RESOURCE),
        ('{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Principal":"*"}}', Kind.TRUST),
        ("[" * 100_000, Kind.IDENTITY),
    ],
)
def test_a_document_that_breaks_the_grammar_is_malformed(text: str, kind: Kind) -> None:
    with pytest.raises(MalformedPolicy):
        check(text, kind)
