"""Find out in a real account what AWS does where its documentation leaves it open.

The probe makes throw-away cards and one share, whose names start with ``cardops-probe-`` and whose tag is
``cardops-probe``, and removes them whatever happens. Facts have the names of the sandbox's switches (docs/sandbox.md).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from cardops.model.errors import CloudError

PREFIX = "cardops-probe-"
TAG = "cardops-probe"
CARD_TYPE = "sagemaker:ModelCard"
VERSIONS_QUOTA = ("sagemaker", "L-EF24FBDB")
CONTENT = '{"model_overview":{"model_id":"probe"}}'
CHANGED = '{"model_overview":{"model_id":"probe","model_name":"changed"}}'
UNKNOWN_KEY = '{"cardops_probe":1}'
VERSION = 1


class Api(Protocol):
    """AWS as the credentials at hand see it."""

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """Make one request; raises CloudError with the service's error code."""
        ...


class Fact(NamedTuple):
    """A switch of the sandbox, its value in this account (None: not settled), and the observation behind it."""

    name: str
    value: bool | str | int | None
    evidence: str


class Probe:
    """One run: what it made, so that it can be removed."""

    def __init__(self, api: Api, role: str = "") -> None:
        self._api, self._role = api, role
        self._mark = f"{PREFIX}{uuid4().hex[:8]}"

    def run(self) -> Iterator[Fact]:
        """Yield each fact once it is settled, then remove what was made."""
        try:
            for settle in (self._status, self._one_call, self._archived, self._content, self._deletion, self._shared):
                yield from self._settled(settle)
            for settle in (self._permissions, self._roles, self._quota):
                yield from self._settled(settle)
        finally:
            cleanup(self._api, self._mark)

    def _settled(self, settle: Callable[[], Iterator[Fact]]) -> Iterator[Fact]:
        try:
            yield from settle()
        except CloudError as problem:
            name = settle.__name__.removeprefix("_").replace("_", " ")
            yield Fact(name, None, f"not settled: {problem}")

    def _card(self, letter: str, content: str = CONTENT, status: str = "Draft") -> str:
        name = f"{self._mark}-{letter}"
        tags = [{"Key": TAG, "Value": self._mark}]
        given = {"ModelCardName": name, "Content": content, "ModelCardStatus": status, "Tags": tags}
        self._api.call("sagemaker", "CreateModelCard", **given)
        return name

    def _update(self, name: str, **change: str) -> None:
        self._api.call("sagemaker", "UpdateModelCard", ModelCardName=name, **change)

    def _describe(self, name: str) -> dict[str, Any]:
        return self._api.call("sagemaker", "DescribeModelCard", ModelCardName=name)

    def _refusal(self, name: str, **change: str) -> str:
        """Return the error code with which an update is refused, or an empty text."""
        try:
            self._update(name, **change)
        except CloudError as problem:
            return problem.code or "refused"
        return ""

    def _status(self) -> Iterator[Fact]:
        name, seen = self._card("status"), []
        for status, content in (("PendingReview", CHANGED), ("Approved", CONTENT)):
            self._update(name, ModelCardStatus=status)
            self._update(name, Content=content)
            seen.append(str(self._describe(name)["ModelCardStatus"]))
        kept = seen == ["PendingReview", "Approved"]
        evidence = f"after a content update, PendingReview was {seen[0]} and Approved was {seen[1]}"
        yield Fact("edited_status", "keep" if kept else seen[0], evidence)

    def _one_call(self) -> Iterator[Fact]:
        code = self._refusal(self._card("both"), Content=CHANGED, ModelCardStatus="PendingReview")
        evidence = f"content and status in one call were refused ({code})" if code else "both were taken in one call"
        yield Fact("one_field_updates", bool(code), evidence)

    def _archived(self) -> Iterator[Fact]:
        name = self._card("archived")
        self._update(name, ModelCardStatus="Archived")
        code = self._refusal(name, Content=CHANGED)
        evidence = f"a content update of an Archived card was refused ({code})" if code else "it was taken"
        yield Fact("archived_frozen", bool(code), evidence)
        if code:
            yield Fact("archived_error", code, evidence)
            refused = self._refusal(name, ModelCardStatus="Draft")
            evidence = f"refused ({refused})" if refused else "taken"
            yield Fact("unarchive", not refused, f"an Archived card's status was set to Draft: {evidence}")

    def _content(self) -> Iterator[Fact]:
        try:
            self._card("content", UNKNOWN_KEY)
        except CloudError as problem:
            if problem.code != "ValidationException":
                raise
            yield Fact("checked_content", True, "content with an unknown key was refused")
        else:
            yield Fact("checked_content", False, "content with an unknown key was taken")

    def _deletion(self) -> Iterator[Fact]:
        name = self._card("deleted")
        self._api.call("sagemaker", "DeleteModelCard", ModelCardName=name)
        try:
            state = str(self._describe(name).get("ModelCardProcessingStatus", "none"))
        except CloudError as problem:
            if problem.code in ("ResourceNotFound", "ResourceNotFoundException"):
                yield Fact("describe_while_deleting", None, "not settled: the deletion was over too soon")
                return
            yield Fact("describe_while_deleting", False, f"describing was refused ({problem.code})")
        else:
            yield Fact("describe_while_deleting", True, f"describing answered (processing status {state})")

    def _shared(self) -> Iterator[Fact]:
        name = self._card("shared")
        arn = str(self._describe(name)["ModelCardArn"])
        self._share(arn)
        try:
            self._api.call("sagemaker", "DeleteModelCard", ModelCardName=name)
        except CloudError as problem:
            yield Fact("delete_refused_while_shared", True, f"deleting a shared card was refused ({problem.code})")
        else:
            yield Fact("delete_refused_while_shared", False, "a card in a share was deleted")

    def _share(self, card: str, *principals: str) -> None:
        tags = [{"key": TAG, "value": self._mark}]
        given = {"name": self._mark, "resourceArns": [card], "principals": list(principals), "tags": tags}
        self._api.call("ram", "CreateResourceShare", **given, allowExternalPrincipals=False)

    def _permissions(self) -> Iterator[Fact]:
        template = json.dumps({"Effect": "Allow", "Action": ["sagemaker:DescribeModelCard"]})
        given = {"name": self._mark, "resourceType": CARD_TYPE, "policyTemplate": template}
        try:
            self._api.call("ram", "CreatePermission", **given)
        except CloudError as problem:
            if problem.code not in ("InvalidParameterException", "OperationNotPermittedException"):
                raise
            yield Fact("customer_permissions", False, f"creating one was refused ({problem.code})")
        else:
            yield Fact("customer_permissions", True, "a customer managed permission for model cards was created")

    def _roles(self) -> Iterator[Fact]:
        if not self._role:
            yield Fact("role_principals", None, "not settled: give the ARN of a role with --role")
            return
        arn = str(self._describe(self._card("role"))["ModelCardArn"])
        try:
            self._share(arn, self._role)
        except CloudError as problem:
            if problem.code != "InvalidParameterException":
                raise
            yield Fact("role_principals", False, f"a role as principal was refused ({problem.code})")
        else:
            yield Fact("role_principals", True, "a role was taken as a principal")

    def _quota(self) -> Iterator[Fact]:
        service, code = VERSIONS_QUOTA
        answer = self._api.call("servicequotas", "GetServiceQuota", ServiceCode=service, QuotaCode=code)
        yield Fact("card_versions", int(answer["Quota"]["Value"]), f"Service Quotas answered for {code}")


def cleanup(api: Api, mark: str = PREFIX) -> list[str]:
    """Remove everything whose name starts with a probe's mark; return what was found."""
    found: list[str] = []
    for row in _all(api, "ram", "GetResourceShares", "resourceShares", "nextToken", resourceOwner="SELF"):
        if str(row["name"]).startswith(mark) and row["status"] == "ACTIVE":
            found.append(f"share {row['name']}")
            with suppress(CloudError):
                api.call("ram", "DeleteResourceShare", resourceShareArn=row["resourceShareArn"])
    for row in _all(api, "ram", "ListPermissions", "permissions", "nextToken", resourceOwner="SELF"):
        if str(row["name"]).startswith(mark):
            found.append(f"permission {row['name']}")
            with suppress(CloudError):
                api.call("ram", "DeletePermission", permissionArn=row["arn"])
    cards = _all(api, "sagemaker", "ListModelCards", "ModelCardSummaries", "NextToken", NameContains=TAG)
    for row in cards:
        if str(row["ModelCardName"]).startswith(mark):
            found.append(f"card {row['ModelCardName']}")
            with suppress(CloudError):
                api.call("sagemaker", "DeleteModelCard", ModelCardName=row["ModelCardName"])
    return found


def _all(api: Api, service: str, operation: str, key: str, token: str, **request: Any) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        answer = api.call(service, operation, **request, **more)
        rows += answer.get(key) or []
        if not answer.get(token):
            return rows
        more = {token: answer[token]}


def facts_file(facts: list[Fact]) -> str:
    """Return aws-facts.json: the format's version and the facts that were settled. It holds no account ids."""
    settled = {fact.name: fact.value for fact in facts if fact.value is not None}
    return json.dumps({"version": VERSION, "facts": settled}, indent=2, sort_keys=True) + "\n"
