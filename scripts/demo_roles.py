"""Deploy the reader and contributor roles of a template that `cardops iam template` printed, as an administrator would.

The local AWS has no CloudFormation, so the template's own policies and roles are made by calls to IAM.
"""

import json
from typing import Any

READER = "cardops-card-reader"
CONTRIBUTOR = "cardops-card-contributor"


def deploy_roles(iam: Any, account: str, template: dict[str, Any]) -> list[str]:
    """Make the template's reader and contributor roles with their boundaries; returns the names of the roles."""
    arns: dict[str, str] = {}
    resources = template["Resources"].items()
    for logical, part in resources:
        if part["Type"] == "AWS::IAM::ManagedPolicy":
            named = part["Properties"]
            made = iam.create_policy(
                PolicyName=named["ManagedPolicyName"], PolicyDocument=json.dumps(named["PolicyDocument"])
            )
            arns[logical] = made["Policy"]["Arn"]
    found = []
    for _, part in resources:
        properties = part["Properties"]
        if part["Type"] != "AWS::IAM::Role" or "PermissionsBoundary" not in properties:
            continue
        iam.create_role(
            RoleName=properties["RoleName"],
            Path=properties.get("Path", "/"),
            AssumeRolePolicyDocument=json.dumps(_trust(properties["AssumeRolePolicyDocument"], account)),
            PermissionsBoundary=arns[properties["PermissionsBoundary"]["Ref"]],
        )
        for policy in properties["Policies"]:
            iam.put_role_policy(
                RoleName=properties["RoleName"],
                PolicyName=policy["PolicyName"],
                PolicyDocument=json.dumps(policy["PolicyDocument"]),
            )
        found.append(properties["RoleName"])
    return found


def session_of(sts: Any, account: str, role: str) -> dict[str, str]:
    """Assume a role of an account; returns what boto3.client takes as credentials."""
    arn = f"arn:aws:iam::{account}:role/{role}"
    found = sts.assume_role(RoleArn=arn, RoleSessionName="reader")["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def _trust(document: dict[str, Any], account: str) -> dict[str, Any]:
    """The template's trust policy with no principals named: whoever the account's own policies allow."""
    statements = [
        {**statement, "Principal": {"AWS": f"arn:aws:iam::{account}:root"}} for statement in document["Statement"]
    ]
    for statement in statements:
        del statement["Condition"]
    return {**document, "Statement": statements}
