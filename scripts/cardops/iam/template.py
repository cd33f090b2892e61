"""A CloudFormation template for one declared account: its roles, who may take them, and events for the repository.

Only home has the roles that GitHub's workflows take, by OIDC; these take the roles of every declared account. Claims:
GitHub Docs, "OpenID Connect reference"; condition keys: IAM User Guide, "Available keys for OIDC federation".
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cardops.iam.consumer_roles import consumer_roles
from cardops.iam.events import EVENT_PARAMETERS, event_conditions, event_resources
from cardops.iam.operations import Capability
from cardops.iam.policies import policy, role_arn
from cardops.iam.requirements import AccountScope, capabilities, scope_of
from cardops.model.desired import Config, Desired

Part = dict[str, Any]
ISSUER = "token.actions.githubusercontent.com"
REPOSITORY_PARAMETER: Mapping[str, Part] = {
    "GitHubRepository": {
        "Type": "String",
        "Description": "owner/name of the repository",
        "AllowedPattern": "[A-Za-z0-9-]+/[A-Za-z0-9._-]+",
    }
}
ENTRY_PARAMETERS: Mapping[str, Part] = {
    "GitHubRepositoryId": {
        "Type": "String",
        "Description": "The repository's number, which no other repository ever has: `id` in GitHub's REST API",
        "AllowedPattern": "[0-9]+",
    },
    "Branch": {"Type": "String", "Default": "main", "Description": "The branch whose commits are applied"},
    "ApplyEnvironment": {
        "Type": "String",
        "Default": "cardops-apply",
        "Description": "The GitHub environment in which apply runs",
    },
    "ApplyWorkflow": {
        "Type": "String",
        "Default": "",
        "Description": "The only workflow that may apply, as owner/name/path@ref; empty: reconcile.yml on the branch",
    },
    "OidcProviderArn": {
        "Type": "String",
        "Default": "",
        "Description": "The account's OIDC provider for GitHub; empty: make it, an account has one at most",
    },
}


def template(desired: Desired, alias: str) -> Part:
    """The template for an account; every policy in it is what `cardops iam` prints for the account and role."""
    here, config = scope_of(desired, alias), desired.config
    home = alias == config.home
    parameters: Part = {}
    conditions: Part = {}
    resources: Part = {}
    if home or here.owned:
        parameters |= REPOSITORY_PARAMETER
    if home:
        parameters |= ENTRY_PARAMETERS
        conditions["MakeProvider"] = {"Fn::Equals": [{"Ref": "OidcProviderArn"}, ""]}
        conditions["OwnWorkflow"] = {"Fn::Equals": [{"Ref": "ApplyWorkflow"}, ""]}
        resources |= _entries(here)
    resources |= _roles(here)
    for part, more in zip((parameters, conditions, resources), consumer_roles(here), strict=True):
        part |= more
    if here.owned:
        parameters |= EVENT_PARAMETERS
        conditions |= event_conditions()
        resources |= event_resources()
    made: Part = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"cardops roles of {config.repository} in {alias}. Needs CAPABILITY_NAMED_IAM.",
        "Parameters": parameters,
        "Conditions": conditions,
        "Resources": resources,
    }
    return {key: value for key, value in made.items() if value}


def entry_role(config: Config, kind: str) -> str:
    """The role in home that a workflow takes (`plan` or `apply`), from which it takes those of cardops.yaml."""
    return f"{config.repository}-ci-{kind}"


def _entries(here: AccountScope) -> Part:
    accounts = here.config.accounts.values()
    readers = tuple(role_arn(one.id, one.plan_role) for one in accounts if one.plan_role)
    writers = tuple(role_arn(one.id, one.role) for one in accounts if one.role)
    provider = {
        "Type": "AWS::IAM::OIDCProvider",
        "Condition": "MakeProvider",
        "Properties": {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]},
    }
    return {
        "GitHub": provider,
        "EnterToPlan": _entry(here, "plan", readers, _plan_claims()),
        "EnterToApply": _entry(here, "apply", writers, _apply_claims()),
    }


def _plan_claims() -> Part:
    """Pull requests, and what runs on the branch itself: the nightly look for drift."""
    subjects = ["repo:${GitHubRepository}:pull_request", "repo:${GitHubRepository}:ref:refs/heads/${Branch}"]
    return {"sub": [{"Fn::Sub": one} for one in subjects], "repository_id": {"Ref": "GitHubRepositoryId"}}


def _apply_claims() -> Part:
    """`sub` names the environment, so it cannot name the branch; the other claims do."""
    own = {"Fn::Sub": "${GitHubRepository}/.github/workflows/reconcile.yml@refs/heads/${Branch}"}
    return {
        "sub": {"Fn::Sub": "repo:${GitHubRepository}:environment:${ApplyEnvironment}"},
        "repository_id": {"Ref": "GitHubRepositoryId"},
        "ref": {"Fn::Sub": "refs/heads/${Branch}"},
        "environment": {"Ref": "ApplyEnvironment"},
        "job_workflow_ref": {"Fn::If": ["OwnWorkflow", own, {"Ref": "ApplyWorkflow"}]},
    }


def _entry(here: AccountScope, kind: str, roles: tuple[str, ...], claims: Part) -> Part:
    provider = {"Fn::If": ["MakeProvider", {"Ref": "GitHub"}, {"Ref": "OidcProviderArn"}]}
    equals = {f"{ISSUER}:aud": "sts.amazonaws.com"} | {f"{ISSUER}:{claim}": value for claim, value in claims.items()}
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": equals},
    }
    found = policy(replace(here, roles=roles), {Capability.ENTER})
    return _role(entry_role(here.config, kind), trust, {"cardops-enter": found})


def _roles(here: AccountScope) -> Part:
    """The account's plan_role and role; one role for both where they are the same."""
    made = {
        kind: policy(here, wanted) for kind in ("plan", "apply", "consumer") if (wanted := capabilities(here, kind))
    }
    policies = {f"cardops-{kind}": document for kind, document in made.items()}
    reading = {name: document for name, document in policies.items() if name == "cardops-plan"}
    writing = {name: document for name, document in policies.items() if name != "cardops-plan"}
    account, found = here.account, dict[str, Part]()
    same = account.role == account.plan_role
    if account.plan_role and reading and not same:
        found["PlanRole"] = _role(account.plan_role, _trust(here.config, ["plan"]), reading)
    if account.role and writing:
        found["Role"] = _role(account.role, _trust(here.config, ["plan", "apply"] if same else ["apply"]), writing)
    return found


def _trust(config: Config, kinds: Iterable[str]) -> Part:
    """The account's root with the role's ARN as a condition: a role that is named itself has to exist before."""
    home = config.accounts[config.home].id
    entries = [role_arn(home, entry_role(config, kind)) for kind in kinds]
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{home}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": entries[0] if len(entries) == 1 else entries}},
    }


def _role(name: str, trust: Part, policies: Mapping[str, Part]) -> Part:
    path, _, plain = name.rpartition("/")
    properties: Part = {
        "RoleName": plain,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": one, "PolicyDocument": document} for one, document in sorted(policies.items())],
    }
    return {"Type": "AWS::IAM::Role", "Properties": ({"Path": f"/{path}/"} if path else {}) | properties}
