"""Import every module that registers operations."""

import cardops.sandbox.kms
import cardops.sandbox.ram.associations
import cardops.sandbox.ram.customer_permissions
import cardops.sandbox.ram.invitations
import cardops.sandbox.ram.lists
import cardops.sandbox.ram.permissions
import cardops.sandbox.ram.share_permissions
import cardops.sandbox.ram.shares
import cardops.sandbox.ram.tags
import cardops.sandbox.sagemaker.card_lists
import cardops.sandbox.sagemaker.cards
import cardops.sandbox.sagemaker.export_jobs
import cardops.sandbox.sagemaker.model_package_groups
import cardops.sandbox.sagemaker.model_packages
import cardops.sandbox.sagemaker.search
import cardops.sandbox.sagemaker.tags
import cardops.sandbox.sts  # noqa: F401
