"""EventBridge tells the repository when a model card's state changes: optional, and never more than a nudge.

Events come twice, late or not at all, so what a workflow does then is what it does every night: it looks for drift.
Source: SageMaker Developer Guide, "Model card state change"; GitHub REST API, "Create a repository dispatch event".
"""

from collections.abc import Mapping
from typing import Any

Part = dict[str, Any]
EVENT_PARAMETERS: Mapping[str, Part] = {
    "GitHubTokenSecret": {
        "Type": "String",
        "Default": "",
        "Description": "A Secrets Manager secret that holds a token for repository_dispatch; empty: send no events",
    }
}
EVENT_TYPE = "cardops-card-changed"


def event_conditions() -> Part:
    """Return the condition under which the template sends events."""
    return {"SendEvents": {"Fn::Not": [{"Fn::Equals": [{"Ref": "GitHubTokenSecret"}, ""]}]}}


def event_resources() -> Part:
    """Rule, destination, connection, and the role with which EventBridge uses them."""
    resources: Part = {
        "CardEvents": _rule(),
        "CardEventsDestination": {
            "Type": "AWS::Events::ApiDestination",
            "Properties": {
                "ConnectionArn": {"Fn::GetAtt": ["CardEventsConnection", "Arn"]},
                "HttpMethod": "POST",
                "InvocationEndpoint": {"Fn::Sub": "https://api.github.com/repos/${GitHubRepository}/dispatches"},
                "InvocationRateLimitPerSecond": 1,
            },
        },
        "CardEventsConnection": _connection(),
        "CardEventsRole": _role(),
    }
    return {name: {"Type": part["Type"], "Condition": "SendEvents", **part} for name, part in resources.items()}


def _rule() -> Part:
    """It sends where something changed, and nothing of what is in the card."""
    names = {"card": "$.detail.ModelCardName", "account": "$.account", "region": "$.region", "time": "$.time"}
    payload = ", ".join(f'"{name}": "<{name}>"' for name in names)
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": "Tells the repository that a model card changed",
            "EventPattern": {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Model Card State Change"]},
            "Targets": [
                {
                    "Id": "repository",
                    "Arn": {"Fn::GetAtt": ["CardEventsDestination", "Arn"]},
                    "RoleArn": {"Fn::GetAtt": ["CardEventsRole", "Arn"]},
                    "InputTransformer": {
                        "InputPathsMap": names,
                        "InputTemplate": f'{{"event_type": "{EVENT_TYPE}", "client_payload": {{{payload}}}}}',
                    },
                    "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
                }
            ],
        },
    }


def _connection() -> Part:
    token = {"Fn::Sub": "Bearer {{resolve:secretsmanager:${GitHubTokenSecret}}}"}
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    parameters = [{"Key": key, "Value": value, "IsValueSecret": False} for key, value in headers.items()]
    return {
        "Type": "AWS::Events::Connection",
        "Properties": {
            "AuthorizationType": "API_KEY",
            "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": token},
                "InvocationHttpParameters": {"HeaderParameters": parameters},
            },
        },
    }


def _role() -> Part:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    send = {
        "Effect": "Allow",
        "Action": "events:InvokeApiDestination",
        "Resource": {"Fn::GetAtt": ["CardEventsDestination", "Arn"]},
    }
    document = {"Version": "2012-10-17", "Statement": [send]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "send-events", "PolicyDocument": document}],
        },
    }
