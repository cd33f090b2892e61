"""The template: cfn-lint takes it for every account, and its trust says who may come in."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cardops.desired.loader import load_repository
from cardops.desired.sources import WorkTree
from cardops.iam.template import ISSUER, template
from cardops.model.desired import Desired, HubOrigin, Means
from support.builders import OWNER, PROD, card, config, desired, grant, share
from support.replacing import replace

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs/iam/roles.yaml"


@pytest.fixture(scope="module")
def declared() -> Desired:
    """This repository's own."""
    found = load_repository(WorkTree(ROOT)).desired
    assert found is not None
    return found


def text(made: dict[str, Any]) -> str:
    return yaml.safe_dump(made, sort_keys=False, width=120)


def test_the_published_template_is_what_the_command_prints(declared: Desired, request: pytest.FixtureRequest) -> None:
    made = text(template(declared, declared.config.home))
    if request.config.getoption("--update-golden"):
        PUBLISHED.write_text(made, encoding="utf-8")
    assert PUBLISHED.read_text(encoding="utf-8") == made


def test_cfn_lint_takes_it_for_every_account(declared: Desired, tmp_path: Path) -> None:
    everything = replace(declared.config, retire="delete")
    accounts = {name: replace(one, external=name == "ml-prod") for name, one in everything.accounts.items()}
    hub = card("hub", origin=HubOrigin("ml-dev", "churn"))
    wanted = replace(declared, config=replace(everything, accounts=accounts), cards={**declared.cards, hub.key: hub})
    files = []
    for alias in wanted.config.accounts:
        files.append(tmp_path / f"{alias}.yaml")
        files[-1].write_text(text(template(wanted, alias)), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("cfn-lint")), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_only_the_branch_in_its_environment_by_its_workflow_may_apply(declared: Desired) -> None:
    resources = template(declared, declared.config.home)["Resources"]
    trust = resources["EnterToApply"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    claims = {key.removeprefix(f"{ISSUER}:"): value for key, value in trust["Condition"]["StringEquals"].items()}
    own = {"Fn::Sub": "${GitHubRepository}/.github/workflows/reconcile.yml@refs/heads/${Branch}"}
    assert claims == {
        "aud": "sts.amazonaws.com",
        "sub": {"Fn::Sub": "repo:${GitHubRepository}:environment:${ApplyEnvironment}"},
        "repository_id": {"Ref": "GitHubRepositoryId"},
        "ref": {"Fn::Sub": "refs/heads/${Branch}"},
        "environment": {"Ref": "ApplyEnvironment"},
        "job_workflow_ref": {"Fn::If": ["OwnWorkflow", own, {"Ref": "ApplyWorkflow"}]},
    }
    assert list(trust["Condition"]) == ["StringEquals"], "no wildcard"
    trust = resources["EnterToPlan"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert {key.removeprefix(f"{ISSUER}:") for key in trust["Condition"]["StringEquals"]} == {
        "aud",
        "sub",
        "repository_id",
    }


def test_who_enters_to_plan_can_take_no_role_that_writes(declared: Desired) -> None:
    resources = template(declared, declared.config.home)["Resources"]

    def reachable(entry: str) -> list[str]:
        (statement,) = resources[entry]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        assert statement["Action"] == ["sts:AssumeRole"]
        return list(statement["Resource"])

    accounts = declared.config.accounts.values()
    assert reachable("EnterToPlan") == sorted(f"arn:aws:iam::{one.id}:role/cardops-plan" for one in accounts)
    assert set(reachable("EnterToApply")) == {f"arn:aws:iam::{one.id}:role/{one.role}" for one in accounts}


def test_a_consumers_account_has_its_role_alone_and_trusts_homes_entry() -> None:
    wanted = desired(card(), shares=[share(grant())], settings=_with_roles())
    made = template(wanted, "ml-prod")
    assert list(made["Resources"]) == ["PlanRole", "Role"]
    assert "Parameters" not in made
    (verifies,) = made["Resources"]["PlanRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert verifies["Action"] == ["iam:GetRole", "iam:SimulatePrincipalPolicy"]
    assert verifies["Resource"] == f"arn:aws:iam::{PROD}:role/team/cardops-consumer"
    role = made["Resources"]["Role"]["Properties"]
    assert (role["Path"], role["RoleName"]) == ("/team/", "cardops-consumer")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{OWNER}:root"}
    assert trust["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:role/gov-test-1a2b-ci-apply"}
    }


def test_a_consumers_account_has_the_roles_that_read_and_contribute_with_their_boundaries() -> None:
    accounts = dict(config().accounts)
    changed = replace(accounts["ml-prod"], read_only=(Means.ROLE,), readers=("teams/cardops-card-reader",))
    accounts["ml-prod"] = replace(changed, contributors=("cardops-card-contributor",))
    made = template(desired(card(), shares=[share(grant())], settings=config(accounts=accounts)), "ml-prod")
    roles = {name: part["Properties"] for name, part in made["Resources"].items() if name.endswith("Role")}
    assert {name: (one.get("Path"), one["RoleName"]) for name, one in roles.items()} == {
        "ReaderRole": ("/teams/", "cardops-card-reader"),
        "ContributorRole": (None, "cardops-card-contributor"),
    }
    for kind, role in (("Reader", roles["ReaderRole"]), ("Contributor", roles["ContributorRole"])):
        assert role["PermissionsBoundary"] == {"Ref": f"{kind}Boundary"}
        limit = made["Resources"][f"{kind}Boundary"]["Properties"]
        assert limit["ManagedPolicyName"] == f"{role['RoleName']}-boundary"
        assert made["Parameters"][f"{kind}Principals"]["Default"] == ""


def _with_roles() -> Any:
    accounts = config().accounts
    role = replace(accounts["ml-prod"], role="team/cardops-consumer", plan_role="cardops-plan")
    assert role.id == PROD
    return config(accounts=dict(accounts) | {"ml-prod": role})


def test_one_role_for_everything_has_every_policy() -> None:
    accounts = config().accounts
    both = replace(accounts["shared-services"], role="cardops", plan_role="cardops")
    wanted = desired(card(), settings=config(accounts=dict(accounts) | {"shared-services": both}))
    roles = {
        name: one
        for name, one in template(wanted, "shared-services")["Resources"].items()
        if name in ("Role", "PlanRole")
    }
    assert list(roles) == ["Role"]
    (trust,) = roles["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert set(trust["Condition"]["ArnEquals"]["aws:PrincipalArn"]) == {
        f"arn:aws:iam::{OWNER}:role/gov-test-1a2b-ci-{kind}" for kind in ("plan", "apply")
    }


def test_events_are_sent_only_where_a_token_is_named_and_carry_no_content(declared: Desired) -> None:
    made = template(declared, declared.config.home)
    sending = {name: part for name, part in made["Resources"].items() if name.startswith("CardEvents")}
    assert {part["Condition"] for part in sending.values()} == {"SendEvents"}
    assert len(sending) == 4
    rule = sending["CardEvents"]["Properties"]
    assert rule["EventPattern"]["detail-type"] == ["SageMaker Model Card State Change"]
    sent = rule["Targets"][0]["InputTransformer"]
    assert set(sent["InputPathsMap"].values()) == {"$.detail.ModelCardName", "$.account", "$.region", "$.time"}
    body = json.loads(sent["InputTemplate"].replace("<card>", "churn"))
    assert (body["event_type"], body["client_payload"]["card"]) == ("cardops-card-changed", "churn")
    assert "CardEvents" not in template(declared, "ml-prod")["Resources"]
