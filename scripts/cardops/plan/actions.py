"""The RAM actions that a step can carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cardops.model.desired import AccountRegion


@dataclass(frozen=True, slots=True)
class CreateShare:
    """A RAM share for one grant, or a part of it."""

    name: str
    principal: str
    resources: tuple[str, ...]
    permission: str
    external: bool
    grant: str
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Associate:
    """Cards, or the principal, into a share. `ending`: those of them whose disassociation has to end first.

    `marks` are tags that the share gets afterwards.
    """

    share: str
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disassociate:
    """Cards or principals out of a share."""

    share: str
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteShare:
    """The end of a grant; `resources` are the cards that nobody planned to end."""

    share: str
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplacePermission:
    """Another permission, or its current default version, on a share that stays."""

    share: str
    permission: str


@dataclass(frozen=True, slots=True)
class AllowExternal:
    """Allow or refuse principals outside the organization on a share."""

    share: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """The invited account takes a share up; `share` is empty for one that the same plan makes."""

    share: str
    owner: AccountRegion
    principal: str


@dataclass(frozen=True, slots=True)
class AdoptShare:
    """Our tags on a RAM share that nobody manages."""

    share: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MarkShare:
    """Tags on a RAM share of ours that say which commit was applied there."""

    share: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CreatePermission:
    """A customer managed permission."""

    name: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddPermissionVersion:
    """New actions for a customer managed permission; `prune` is the version to give up for it (0: none)."""

    arn: str
    actions: tuple[str, ...]
    prune: int = 0
