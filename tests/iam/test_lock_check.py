"""`iam lock --check` against organizations that have the policies, lack one, or cannot be asked."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from cardops.iam.guardrails import guardrails
from cardops.iam.lock_check import LockCheck, check_lock
from cardops.model.desired import Desired, Means
from cardops.model.errors import AccessDeniedError, CloudError
from cardops.model.ports import Cloud, Simulation
from cardops.model.read_only import CheckResult
from cardops.sandbox.iam.evaluator import Policies, decide
from cardops.sandbox.iam.request import Request
from support.builders import APPROVED, card, config, desired, grant, share
from support.replacing import replace

EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


class Organization:
    """IAM's simulator in every account of an organization with these service control policies."""

    def __init__(self, *policies: str, problem: CloudError | None = None) -> None:
        self.policies = Policies((EVERYTHING,), scps=((EVERYTHING, *policies),))
        self.problem = problem

    def identities(self, place: object) -> "Organization":
        return self

    def simulate(self, question: Simulation) -> Mapping[tuple[str, str], str]:
        if self.problem:
            raise self.problem
        assert question.only_organization
        who, context = question.context["aws:PrincipalArn"], dict(question.context)
        owner = who.split(":")[4]
        return {
            (action, on): decide(Request(who, action, on, context, owner), replace(self.policies)).decision
            for action in question.actions
            for on in question.resources
        }


def git() -> Desired:
    accounts = {name: replace(one, role="cardops-consumer") for name, one in config().accounts.items()}
    accounts["ml-prod"] = replace(accounts["ml-prod"], read_only=(Means.ROLE,))
    accounts["ml-test"] = replace(accounts["ml-test"], role="")
    accounts["ml-dev"] = replace(accounts["ml-dev"], management=True)
    return desired(card(), shares=[share(grant("ml-prod", "read", APPROVED))], settings=config(accounts=accounts))


def found(organization: Organization) -> list[LockCheck]:
    return list(check_lock(cast(Cloud, organization), git()))


def of(checks: list[LockCheck], alias: str) -> dict[str, CheckResult]:
    return {one.policy: one.result for one in checks if one.account == alias}


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    return {name: json.dumps(document) for name, document in guardrails(git()).items()}


POLICIES = ("cards: locked", "cards: tags", "sharing", "packages", "cards: read-only", "roles")


def test_an_organization_with_all_policies_passes(printed: dict[str, str]) -> None:
    checks = found(Organization(*printed.values()))
    assert of(checks, "shared-services") == dict.fromkeys(POLICIES[:4], CheckResult.HOLDS)


@pytest.mark.parametrize(
    ("missing", "fails"),
    [
        ("cards", {"cards: locked", "cards: tags", "cards: read-only"}),
        ("sharing", {"sharing"}),
        ("packages", {"packages"}),
        ("roles", {"roles"}),
    ],
)
def test_a_policy_that_is_not_attached_is_named(printed: dict[str, str], missing: str, fails: set[str]) -> None:
    checks = of(found(Organization(*(text for name, text in printed.items() if name != missing))), "ml-prod")
    assert {policy for policy, result in checks.items() if result is CheckResult.FAILS} >= fails - {"cards: read-only"}
    assert {policy for policy, result in checks.items() if result is CheckResult.FAILS} <= fails


def test_an_answer_that_denies_everything_proves_nothing() -> None:
    nothing = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
    assert set(of(found(Organization(nothing)), "shared-services").values()) == {CheckResult.UNKNOWN}


def test_accounts_that_cannot_be_asked_are_not_verified() -> None:
    checks = found(Organization(problem=AccessDeniedError("not allowed")))
    assert {one.result for one in checks} == {CheckResult.UNKNOWN}
    whys = {one.account: one.why for one in checks}
    assert whys["shared-services"] == "not allowed"
    assert whys["ml-test"] == "set accounts.ml-test.role, which is asked about"
    assert "management account" in whys["ml-dev"]
