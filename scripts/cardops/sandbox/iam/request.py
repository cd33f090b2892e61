"""A request for one action on one resource, with the condition keys that follow from it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cardops.sandbox.iam.conditions import Undetermined

Context = Mapping[str, str | Sequence[str]]
_SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")
_TAGS = ("aws:resourcetag/", "sagemaker:resourcetag/", "aws:requesttag/")


@dataclass(frozen=True)
class Request:
    """A request for one action on one resource.

    ``principal`` is the ARN of a user, role, session or account root, or the name of a service or identity provider.
    ``owner`` is the resource's account if its ARN has none; ``session_of`` the role's ARN with its path, which a
    session's ARN lacks. ``context`` has condition keys, whose values are texts or lists of them; ``late_context`` gives
    more of them, and is called only if a policy has conditions or variables.
    """

    principal: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)
    owner: str = ""
    session_of: str = ""
    late_context: Callable[[], Context] = dict

    @cached_property
    def account(self) -> str:
        """The principal's account; empty for services and identity providers outside of any account."""
        parts = self.principal.split(":")
        return parts[4] if len(parts) > 5 else ""

    @cached_property
    def resource_account(self) -> str:
        """The account that owns the resource."""
        parts = self.resource.split(":")
        return self.owner or (parts[4] if len(parts) > 5 else "") or self.account

    @cached_property
    def identity(self) -> str:
        """The ARN that has identity policies: a session's role, else the principal itself."""
        session = _SESSION.fullmatch(self.principal)
        if session is None:
            return self.principal
        return self.session_of or f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}"

    @cached_property
    def is_federated(self) -> bool:
        """True for services and identity providers, which have no identity policies."""
        return not self.account or ":oidc-provider/" in self.principal or ":saml-provider/" in self.principal

    @cached_property
    def keys(self) -> dict[str, list[str]]:
        """The context by lower-case key, completed with the global keys that follow from the request."""
        given: dict[str, str | Sequence[str]] = {
            "aws:PrincipalArn": self.identity,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
            "aws:ResourceAccount": self.resource_account,
        }
        context = {**self.late_context(), **self.context}
        lower = {key.lower() for key in context}
        given = {key: value for key, value in given.items() if value and key.lower() not in lower}
        found: dict[str, list[str]] = {}
        for key, value in [*given.items(), *context.items()]:
            name = key.lower()
            if name in found and name.startswith(_TAGS):
                raise Undetermined(f"two tags whose keys differ only in case: {key}")
            found[name] = [value] if isinstance(value, str) else list(value)
        return found
