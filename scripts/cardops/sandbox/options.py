"""Named switches for what AWS does not document, and for the shape of the organization."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FACTS_VERSION = 1
CARD_STATUSES = ("Draft", "PendingReview", "Approved", "Archived")


class BadSwitch(ValueError):
    """A switch that does not exist, or a value that it does not take."""


def _one_of(*values: str) -> Any:
    """Return a field whose value is one of these; the first is the default."""
    return field(default=values[0], metadata={"values": values})


@dataclass(frozen=True, slots=True)
class Options:
    """Switches for behaviour that AWS does not document. Every default is the likely behaviour.

    Durations are seconds of the sandbox's clock. docs/sandbox.md tells what each switch stands for.
    """

    organization: bool = True
    """All accounts are in one AWS organization."""
    organization_sharing: bool = True
    """RAM sharing with the organization is on (EnableSharingWithAwsOrganization turns it on too)."""
    outside_accounts: frozenset[str] = frozenset()
    """12-digit ids of accounts that are not in the organization."""
    management_account: str = "999999999999"
    """The organization's management account, which SCPs do not restrict."""
    undeclared_roles: str = _one_of("permissive", "refused")
    """A role that was never created in IAM: ``permissive`` (anyone may assume it, it may do everything) or
    ``refused`` (it does not exist, as in AWS)."""

    put_resource_policy_needed: bool = True
    """Sharing needs sagemaker:PutResourcePolicy and GetResourcePolicy of the caller, ending it DeleteResourcePolicy."""
    resource_tags_across_accounts: bool = True
    """aws:ResourceTag is filled in for callers of other accounts."""
    role_recreated: str = _one_of("id", "arn")
    """A role that was deleted and made anew: with ``id`` it loses what RAM gave to its predecessor, with ``arn`` it
    keeps that."""
    status_write_needs_key: bool = False
    """A status-only update of an encrypted card needs kms:GenerateDataKey too."""
    simulate_across_accounts: str = _one_of("identity", "refuses")
    """SimulatePrincipalPolicy about a resource of another account without its resource policy: ``identity`` (the
    principal's side alone decides) or ``refuses`` (implicitDeny)."""

    customer_permissions: bool = False
    """RAM accepts customer managed permissions for sagemaker:ModelCard."""
    role_principals: bool = True
    """RAM accepts IAM roles and users as principals of model cards."""
    associate_seconds: float = 0.0
    """Time that an association stays ASSOCIATING."""
    disassociate_seconds: float = 0.0
    """Time that an association stays DISASSOCIATING."""
    invitation_seconds: float = 12 * 3600.0
    """Time after which a pending invitation expires."""
    client_token_seconds: float = 24 * 3600.0
    """Time that a client token is remembered."""
    empty_pages: frozenset[str] = frozenset({"GetResourceShareAssociations", "GetResourceShareInvitations"})
    """RAM list operations that now and then begin with an empty page and a token."""

    edited_status: str = _one_of("keep", *CARD_STATUSES)
    """The status of the version that a content update makes: ``keep`` the card's, or a status by name."""
    one_field_updates: bool = True
    """Content and status in one UpdateModelCard call are refused; without it they make one version."""
    archived_frozen: bool = True
    """Updates of an Archived card are refused."""
    archived_error: str = _one_of("ValidationException", "ConflictException")
    """The error code of that refusal."""
    unarchive: bool = False
    """A status-only update of a frozen Archived card is still accepted."""
    checked_content: bool = False
    """The content of a card has to follow AWS's JSON schema for model cards; without it, to be JSON."""
    encrypted_search_content: bool = False
    """Search returns the content of cards that have a KMS key."""
    delete_seconds: float = 1.0
    """Duration of a card's deletion, divided into four equal states."""
    describe_while_deleting: bool = True
    """DescribeModelCard answers while a card is being deleted; without it, ValidationException."""
    delete_refused_while_shared: bool = False
    """DeleteModelCard answers ConflictException while a RAM share holds the card."""
    export_seconds: float = 0.0
    """Time that an export job stays InProgress."""
    card_versions: int = 100
    """The quota of model card versions (L-EF24FBDB) that Service Quotas answers."""
    cards_per_region: int = 100_000
    """Above this CreateModelCard answers ResourceLimitExceeded (the real quota is not documented)."""

    def describe(self) -> dict[str, Any]:
        """Return the switches as JSON-able values, sets sorted."""
        pairs = dataclasses.asdict(self).items()
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in pairs}

    def switched(self, values: Mapping[str, Any]) -> "Options":
        """Return the options with some switches set to JSON values; raises BadSwitch."""
        known = {item.name: item for item in dataclasses.fields(self)}
        unknown = sorted(values.keys() - known.keys())
        if unknown:
            raise BadSwitch(
                f"{unknown[0]} is not a switch of the sandbox. The switches are {', '.join(sorted(known))}."
            )
        return dataclasses.replace(self, **{name: _checked(known[name], value) for name, value in values.items()})


def _checked(switch: "dataclasses.Field[Any]", value: Any) -> Any:
    kind, allowed = getattr(switch.type, "__name__", ""), switch.metadata.get("values")
    if kind == "str" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if kind == "frozenset":
        if isinstance(value, list | frozenset) and all(isinstance(item, str) for item in value):
            return frozenset(value)
        raise BadSwitch(f"{switch.name} takes a list of strings.")
    if kind == "bool" or isinstance(value, bool):
        if kind == "bool" and isinstance(value, bool):
            return value
        raise BadSwitch(f"{switch.name} takes {_form(kind, allowed)}, not {json.dumps(value)}.")
    right = isinstance(value, int | float) and value >= 0 if kind in ("float", "int") else isinstance(value, str)
    if not right or (kind == "int" and not isinstance(value, int)) or (allowed and value not in allowed):
        raise BadSwitch(f"{switch.name} takes {_form(kind, allowed)}, not {json.dumps(value)}.")
    return float(value) if kind == "float" else value


def _form(kind: str, allowed: tuple[str, ...] | None) -> str:
    if allowed:
        return f"one of {', '.join(allowed)}"
    names = {"bool": "true or false", "float": "a number of seconds", "int": "a whole number", "str": "a string"}
    return names[kind]


def read_switch(text: str) -> dict[str, Any]:
    """Read ``NAME=VALUE`` from a command line. A value is JSON, or else a string; names may have dashes."""
    name, separator, value = text.partition("=")
    if not separator:
        raise BadSwitch(f"{text} is not NAME=VALUE.")
    try:
        return {name.replace("-", "_"): json.loads(value)}
    except ValueError:
        return {name.replace("-", "_"): value}


def read_facts(path: Path) -> dict[str, Any]:
    """Return the switches of a file of facts, as `cardops probe` writes it: ``{"version": 1, "facts": {…}}``."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSwitch(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadSwitch(f"{path} is not JSON: {error}.") from error
    facts = document.get("facts") if isinstance(document, dict) else None
    if not isinstance(facts, dict) or document.get("version", FACTS_VERSION) != FACTS_VERSION:
        raise BadSwitch(f'{path} is not a file of facts. It must be {{"version": {FACTS_VERSION}, "facts": {{…}}}}.')
    return facts
