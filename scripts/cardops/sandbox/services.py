"""All modules that have operations; importing this one registers them."""

from cardops.sandbox import (
    card_lists,
    cards,
    exports,
    ram_associations,
    ram_invitations,
    ram_lists,
    ram_own_permissions,
    ram_permissions,
    ram_share_permissions,
    ram_shares,
    ram_tags,
    registry,
    registry_groups,
    sagemaker_tags,
    search,
    sts,
)

__all__ = [
    "card_lists",
    "cards",
    "exports",
    "ram_associations",
    "ram_invitations",
    "ram_lists",
    "ram_own_permissions",
    "ram_permissions",
    "ram_share_permissions",
    "ram_shares",
    "ram_tags",
    "registry",
    "registry_groups",
    "sagemaker_tags",
    "search",
    "sts",
]
