"""RAM's permissions for model cards. Sources: botocore's service model of `ram` and the RAM API reference."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cardops.aws.client import Calls
from cardops.model.errors import CloudError, NotSupportedByAwsError
from cardops.model.observed import ObservedPermission
from cardops.model.permissions import RESOURCE_TYPE

GONE = frozenset({"DELETING", "DELETED"})  # permissions and shares stay listed for a while
NOT_OFFERED = frozenset({"InvalidParameterException", "OperationNotPermittedException"})


class Permissions:
    """Customer managed permissions, and the actions of any permission."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._actions: dict[tuple[str, int], frozenset[str]] = {}

    def all(self) -> dict[str, ObservedPermission]:
        """By name; at most 10 exist for a resource type, so three calls for each are few."""
        request = {"resourceType": RESOURCE_TYPE, "permissionType": "CUSTOMER_MANAGED"}
        found = (
            self._observed(summary)
            for summary in self._calls.items("ListPermissions", "permissions", **request)
            if summary.get("status") not in GONE and summary.get("resourceOwner") != "OTHER-ACCOUNTS"
        )
        return {permission.name: permission for permission in found}

    def actions(self, arn: str, version: int) -> frozenset[str]:
        """The actions of one version, asked for once: a version never changes."""
        known = self._actions.get((arn, version))
        if known is None:
            known = self._read_actions(arn, self._get(arn, permissionVersion=version))
            self._actions[arn, version] = known
        return known

    def create(self, name: str, actions: Iterable[str], tags: Mapping[str, str], token: str) -> str:
        """A new permission; returns its ARN. NotOffered where RAM takes none for model cards.

        The request is always well-formed (a name and a resource type of ours, actions in a template), so these codes
        speak of the resource type. That AWS accepts one for model cards is not documented.
        """
        request: dict[str, Any] = {
            "name": name,
            "resourceType": RESOURCE_TYPE,
            "policyTemplate": policy_template(actions),
            "clientToken": token,
        }
        if tags:
            request["tags"] = tag_list(tags)
        try:
            answer = self._calls.call("CreatePermission", name, **request)
        except CloudError as problem:
            if problem.code not in NOT_OFFERED:
                raise
            raise NotSupportedByAwsError(problem.message, problem.hint, problem.code) from None
        with self._calls.reading("CreatePermission", name):
            return str(answer["permission"]["arn"])

    def add_version(self, arn: str, actions: Iterable[str], token: str) -> None:
        """A new version: "automatically set as the default version"; shares stay on theirs."""
        self._calls.call(
            "CreatePermissionVersion",
            arn,
            permissionArn=arn,
            policyTemplate=policy_template(actions),
            clientToken=token,
        )

    def delete_version(self, arn: str, version: int, token: str) -> None:
        """Removes a version that is not the default one and that no share uses."""
        self._calls.call(
            "DeletePermissionVersion", arn, permissionArn=arn, permissionVersion=version, clientToken=token
        )

    def _observed(self, summary: Mapping[str, Any]) -> ObservedPermission:
        with self._calls.reading("ListPermissions"):
            arn = str(summary["arn"])
        detail = self._get(arn)
        actions = self._read_actions(arn, detail)
        versions = self._versions(arn)
        with self._calls.reading("GetPermission", arn):
            version = int(detail["version"])
            self._actions[arn, version] = actions
            return ObservedPermission(
                arn=arn,
                name=str(detail["name"]),
                version=version,
                actions=actions,
                tags=tag_dict(detail.get("tags") or summary.get("tags") or ()),
                versions=versions,
            )

    def _get(self, arn: str, **request: Any) -> dict[str, Any]:
        answer = self._calls.call("GetPermission", arn, permissionArn=arn, **request)
        with self._calls.reading("GetPermission", arn):
            return dict(answer["permission"])

    def _versions(self, arn: str) -> tuple[int, ...]:
        found = self._calls.items("ListPermissionVersions", "permissions", arn, permissionArn=arn)
        with self._calls.reading("ListPermissionVersions", arn):
            return tuple(sorted(int(one["version"]) for one in found if one.get("status") not in GONE))

    def _read_actions(self, arn: str, detail: Mapping[str, Any]) -> frozenset[str]:
        actions = parse_actions(str(detail.get("permission", "")))
        if not actions:  # never "no access": an unreadable permission may allow anything
            raise self._calls.unusable("GetPermission", arn, "its actions cannot be read")
        return actions


def policy_template(actions: Iterable[str]) -> str:
    """Build the policy template of CreatePermission: one effect and the actions that the resource type supports."""
    return json.dumps({"Effect": "Allow", "Action": sorted(actions)})


def parse_actions(document: str) -> frozenset[str]:
    """The actions of a permission's JSON; empty when they cannot be read.

    RAM writes `Action`, its API reference also speaks of `actions`; one action may be a plain string.
    """
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        return frozenset()
    if not isinstance(policy, dict):
        return frozenset()
    members = {key.lower(): value for key, value in policy.items()}
    if "notaction" in members:
        return frozenset()
    actions = members.get("action", members.get("actions"))
    listed = [actions] if isinstance(actions, str) else actions
    if not isinstance(listed, list) or not all(isinstance(action, str) for action in listed):
        return frozenset()
    return frozenset(listed)


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """RAM spells `key` and `value` in lower case, unlike SageMaker."""
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def tag_dict(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The opposite of tag_list."""
    return {tag["key"]: tag["value"] for tag in tags}
