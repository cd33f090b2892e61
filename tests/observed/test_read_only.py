"""Verify by simulation and by the key's policy that principals can only read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest

from cardops.model.desired import AwsFacts, Config, Means
from cardops.model.errors import AccessDeniedError, CloudError, NotFoundError
from cardops.model.ports import Cloud, KeyGrant, Simulation
from cardops.model.read_only import CheckResult, MeansCheck
from cardops.observed.read_only import READ, WRITE, ReadOnlyVerifier
from support.builders import DEV, OWNER, PROD, REPO, TEST, config, key
from support.replacing import replace

READER = f"arn:aws:iam::{PROD}:role/cardops-card-reader"
CONTRIBUTOR = f"arn:aws:iam::{PROD}:role/cardops-card-contributor"
CONSUMER = f"arn:aws:iam::{PROD}:role/cardops-consumer"
EVERYBODY = "arn:aws:organizations::999999999999:organization/o-abcdefghij"
CHURN, RISK = key(), key("risk")
KEY = f"arn:aws:kms:eu-west-1:{OWNER}:key/k"


def settings(*means: Means, **more: Any) -> Config:
    """ml-prod with these means; `facts` go into the configuration."""
    facts = more.pop("facts", AwsFacts())
    account = replace(config().accounts["ml-prod"], role="cardops-consumer", read_only=means, **more)
    return config(accounts={**config().accounts, "ml-prod": account}, facts=facts)


class Aws:
    """IAM and KMS of every account. `writers` may write whatever is asked; `blind` principals may not even read."""

    def __init__(self, writers: Iterable[str] = (), blind: Iterable[str] = (), **more: Any) -> None:
        self.writers, self.blind = set(writers), set(blind)
        self.problem: CloudError | None = more.get("problem")
        self.kms_policy: str = more.get("policy", "{}")
        self.kms_grants: list[KeyGrant] = more.get("grants", [])
        self.questions: list[Simulation] = []
        self.roles_read: list[str] = []

    def identities(self, place: object) -> "Aws":
        return self

    def keys(self, place: object) -> "Aws":
        return self

    def role_id(self, name: str) -> str:
        self.roles_read.append(name)
        return "AROA1"

    def simulate(self, question: Simulation) -> Mapping[tuple[str, str], str]:
        self.questions.append(question)
        if self.problem:
            raise self.problem
        who = question.context["aws:PrincipalArn"]
        decisions = {
            READ: "implicitDeny" if who in self.blind else "allowed",
            WRITE: "allowed" if who in self.writers else "explicitDeny",
        }
        return {(action, arn): decisions[action] for action in question.actions for arn in question.resources}

    def policy(self, arn: str) -> str:
        return self.kms_policy

    def grants(self, arn: str) -> list[KeyGrant]:
        return self.kms_grants


def check(aws: Aws, git: Config, who: str, keys: Mapping[Any, str] = {}) -> MeansCheck:
    """The only check of one principal and the card churn."""
    verifier = ReadOnlyVerifier(cast(Cloud, aws), git)
    (found,) = verifier.verify({who: [CHURN]}, keys).of(who, CHURN.arn)
    return found


def test_a_role_that_only_reads_is_kept_by_it() -> None:
    aws = Aws()
    assert check(aws, settings(Means.ROLE), READER) == MeansCheck(Means.ROLE, CheckResult.HOLDS)
    (question,) = aws.questions
    assert question == Simulation(
        READER,
        (READ, WRITE),
        (CHURN.arn,),
        {"aws:PrincipalArn": READER, "aws:ResourceAccount": OWNER, "aws:ResourceTag/cardops:repository": REPO},
    )


@pytest.mark.parametrize(
    ("aws", "result", "why"),
    [
        (Aws(writers=[READER]), CheckResult.FAILS, "its own policies let it write"),
        (Aws(blind=[READER]), CheckResult.UNKNOWN, "churn could not be read either"),
        (Aws(problem=AccessDeniedError("not allowed")), CheckResult.UNKNOWN, "not allowed"),
        (Aws(problem=NotFoundError("gone")), CheckResult.UNKNOWN, f"{READER} does not exist"),
    ],
    ids=["it writes", "it reads nothing", "nobody may ask", "no such role"],
)
def test_what_else_a_simulation_may_say_of_a_role(aws: Aws, result: CheckResult, why: str) -> None:
    found = check(aws, settings(Means.ROLE), READER)
    assert found.result is result
    assert why in found.why


def test_an_account_is_never_kept_by_a_role() -> None:
    """A share with the account reaches its administrators, whatever its reader role may do."""
    aws = Aws()
    verifier = ReadOnlyVerifier(cast(Cloud, aws), settings(Means.ROLE))
    found = verifier.verify({PROD: [CHURN], READER: [CHURN]}, {})
    assert (found.is_kept(PROD, CHURN.arn), found.is_kept(READER, CHURN.arn)) == (False, True)


def test_a_contributor_is_kept_by_nothing() -> None:
    git = settings(Means.ROLE, Means.SCP, contributors=("cardops-card-contributor",))
    found = ReadOnlyVerifier(cast(Cloud, Aws()), git).verify({CONTRIBUTOR: [CHURN]}, {})
    assert found.result(CONTRIBUTOR, CHURN.arn) is CheckResult.UNKNOWN
    assert not found.is_kept(CONTRIBUTOR, CHURN.arn)


def test_policies_of_the_organization_decide_alone_for_an_account() -> None:
    aws = Aws()
    assert check(aws, settings(Means.SCP), PROD) == MeansCheck(Means.SCP, CheckResult.HOLDS)
    (question,) = aws.questions
    assert (question.source, question.only_organization) == (CONSUMER, True)
    failing = check(Aws(writers=[CONSUMER]), settings(Means.SCP), PROD)
    assert failing.result is CheckResult.FAILS
    assert "the organization's policies let cardops-consumer of ml-prod write" in failing.why


def test_a_contributor_that_the_policy_exempts_is_a_writer_of_what_its_account_reads() -> None:
    git = settings(Means.SCP, contributors=("cardops-card-contributor",))
    aws = Aws(writers=[CONTRIBUTOR])
    found = check(aws, git, PROD)
    assert found.result is CheckResult.FAILS
    assert "cardops-card-contributor of ml-prod" in found.why
    assert {one.source for one in aws.questions} == {CONSUMER}, "a role that may not exist is not the source"


def test_an_organization_is_asked_about_in_every_account() -> None:
    accounts = dict(config().accounts)
    for name in ("ml-dev", "ml-test", "ml-prod"):
        accounts[name] = replace(accounts[name], role="cardops-consumer", read_only=(Means.SCP,))
    git = config(accounts=accounts)
    aws = Aws()
    assert check(aws, git, EVERYBODY).result is CheckResult.HOLDS
    assert sorted(one.source.split(":")[4] for one in aws.questions) == [DEV, TEST, PROD]
    one_writes = Aws(writers=[f"arn:aws:iam::{TEST}:role/cardops-consumer"])
    assert check(one_writes, git, EVERYBODY).result is CheckResult.FAILS


def test_an_account_without_a_role_to_ask_with_is_not_verified() -> None:
    git = settings(Means.SCP)
    account = replace(git.accounts["ml-prod"], role="")
    found = check(Aws(), config(accounts={**git.accounts, "ml-prod": account}), PROD)
    assert (found.result, found.why) == (
        CheckResult.UNKNOWN,
        "ml-prod has no role to ask with; set accounts.ml-prod.role",
    )


@pytest.mark.parametrize("result", [CheckResult.UNKNOWN, CheckResult.FAILS])
def test_trust_stands_in_for_what_is_not_known_and_never_for_what_fails(result: CheckResult) -> None:
    aws = Aws(problem=CloudError("throttled")) if result is CheckResult.UNKNOWN else Aws(writers=[CONSUMER])
    verifier = ReadOnlyVerifier(cast(Cloud, aws), settings(Means.SCP, trust=(Means.SCP,)))
    found = verifier.verify({PROD: [CHURN]}, {})
    assert found.result(PROD, CHURN.arn) is result
    assert found.is_kept(PROD, CHURN.arn) is (result is CheckResult.UNKNOWN)


def test_one_simulation_a_principal_and_owner_however_many_cards_and_looks() -> None:
    aws = Aws()
    verifier = ReadOnlyVerifier(cast(Cloud, aws), settings(Means.ROLE))
    cards = [key(f"c{number}") for number in range(40)]
    for _ in range(3):
        assert all(verifier.verify({READER: cards}, {}).is_kept(READER, one.arn) for one in cards)
    assert (len(aws.questions), len(aws.roles_read)) == (1, 1)
    verifier.verify({READER: [RISK, *cards]}, {})
    assert [one.resources for one in aws.questions[1:]] == [(RISK.arn,)]


def test_the_promotion_gate_gets_only_the_cards_that_are_kept() -> None:
    verifier = ReadOnlyVerifier(cast(Cloud, Aws()), settings(Means.ROLE))
    assert verifier.kept_from(READER, [CHURN.arn, RISK.arn], {}) == {CHURN.arn, RISK.arn}
    assert verifier.kept_from(PROD, [CHURN.arn], {}) == set()


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


OWNERS = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}, "Action": "kms:*", "Resource": "*"}
DECRYPT = {"Effect": "Allow", "Principal": {"AWS": READER}, "Action": "kms:Decrypt", "Resource": "*"}
PROVEN = AwsFacts(status_write_needs_key=True)


def test_a_key_keeps_from_writing_only_where_a_status_needs_it_too() -> None:
    aws = Aws(policy=policy(OWNERS, DECRYPT))
    assert check(aws, settings(Means.KEY, facts=PROVEN), READER, {CHURN: KEY}).result is CheckResult.HOLDS
    unproven = check(aws, settings(Means.KEY), READER, {CHURN: KEY})
    assert unproven.result is CheckResult.UNKNOWN
    assert "whether it also keeps the status is not known" in unproven.why
    without = check(aws, settings(Means.KEY, facts=PROVEN), READER)
    assert without.result is CheckResult.UNKNOWN
    assert "churn has no key of its own" in without.why


ENCRYPT = "kms:GenerateDataKey"


@pytest.mark.parametrize(
    ("statement", "who"),
    [
        ({"Principal": {"AWS": READER}, "Action": ENCRYPT}, READER),
        ({"Principal": {"AWS": READER}, "Action": "KMS:generatedata*"}, READER),
        ({"Principal": {"AWS": [READER, "x"]}, "Action": ["kms:Decrypt", "kms:*"]}, READER),
        ({"Principal": {"AWS": READER}, "NotAction": "kms:Decrypt"}, READER),
        ({"Principal": {"AWS": READER}, "Action": "kms:CreateGrant"}, READER),
        ({"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}, "Action": ENCRYPT}, READER),
        ({"Principal": {"AWS": PROD}, "Action": ENCRYPT}, READER),
        ({"Principal": "*", "Action": ENCRYPT, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, READER),
        ({"NotPrincipal": {"AWS": READER}, "Action": ENCRYPT}, PROD),
        ({"Principal": {"AWS": READER}, "Action": ENCRYPT}, PROD),
    ],
)
def test_a_policy_that_may_let_it_encrypt_fails(statement: dict[str, Any], who: str) -> None:
    aws = Aws(policy=policy(OWNERS, {"Sid": "Wide", "Effect": "Allow", "Resource": "*", **statement}))
    found = check(aws, settings(Means.KEY, facts=PROVEN), who, {CHURN: KEY})
    assert found.result is CheckResult.FAILS
    assert "'Wide'" in found.why


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"AWS": f"arn:aws:iam::{DEV}:role/writer"}, "Action": ENCRYPT},
        {"Principal": {"AWS": f"arn:aws:iam::{PROD}:role/another"}, "Action": ENCRYPT},
        {"Principal": {"AWS": READER}, "NotAction": "kms:*"},
        {"Principal": {"AWS": READER}, "Action": ENCRYPT, "Effect": "Deny"},
    ],
)
def test_what_leaves_the_reader_out_holds(statement: dict[str, Any]) -> None:
    aws = Aws(policy=policy(OWNERS, DECRYPT, {"Effect": "Allow", "Resource": "*", **statement}))
    assert check(aws, settings(Means.KEY, facts=PROVEN), READER, {CHURN: KEY}).result is CheckResult.HOLDS


def test_a_grant_on_the_key_counts_like_its_policy() -> None:
    given = KeyGrant(READER, frozenset({"Decrypt", "GenerateDataKey"}))
    aws = Aws(policy=policy(OWNERS), grants=[given])
    found = check(aws, settings(Means.KEY, facts=PROVEN), READER, {CHURN: KEY})
    assert (found.result, found.why) == (CheckResult.FAILS, f"a grant on its key lets {READER} encrypt")
    harmless = Aws(policy=policy(OWNERS), grants=[KeyGrant(READER, frozenset({"Decrypt"}))])
    assert check(harmless, settings(Means.KEY, facts=PROVEN), READER, {CHURN: KEY}).result is CheckResult.HOLDS


def test_a_policy_that_is_not_json_proves_nothing_good() -> None:
    found = check(Aws(policy="{"), settings(Means.KEY, facts=PROVEN), READER, {CHURN: KEY})
    assert (found.result, found.why) == (CheckResult.FAILS, "its key's policy cannot be read")


@pytest.mark.parametrize(
    ("writers", "expected"),
    [((), CheckResult.HOLDS), ((READER,), CheckResult.HOLDS), ((READER, CONSUMER), CheckResult.FAILS)],
)
def test_one_means_that_holds_is_enough_and_one_that_fails_counts_where_none_does(
    writers: tuple[str, ...], expected: CheckResult
) -> None:
    both = settings(Means.ROLE, Means.SCP)
    found = ReadOnlyVerifier(cast(Cloud, Aws(writers)), both).verify({READER: [CHURN]}, {})
    assert found.result(READER, CHURN.arn) is expected
