"""All modules that have operations; importing this one registers them."""

from cardops.sandbox import kms, sts
from cardops.sandbox.ram import associations as ram_associations
from cardops.sandbox.ram import customer_permissions as ram_own_permissions
from cardops.sandbox.ram import invitations as ram_invitations
from cardops.sandbox.ram import lists as ram_lists
from cardops.sandbox.ram import permissions as ram_permissions
from cardops.sandbox.ram import share_permissions as ram_share_permissions
from cardops.sandbox.ram import shares as ram_shares
from cardops.sandbox.ram import tags as ram_tags
from cardops.sandbox.sagemaker import card_lists, cards, search
from cardops.sandbox.sagemaker import export_jobs as exports
from cardops.sandbox.sagemaker import model_package_groups as registry_groups
from cardops.sandbox.sagemaker import model_packages as registry
from cardops.sandbox.sagemaker import tags as sagemaker_tags

__all__ = [
    "card_lists",
    "cards",
    "exports",
    "kms",
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
