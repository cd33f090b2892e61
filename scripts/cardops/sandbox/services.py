"""Import every module that registers operations, what they need, or resource policies."""

import cardops.sandbox.iam.policies
import cardops.sandbox.iam.providers
import cardops.sandbox.iam.roles
import cardops.sandbox.iam.simulation
import cardops.sandbox.iam.targets
import cardops.sandbox.kms.grants
import cardops.sandbox.kms.keys
import cardops.sandbox.organizations.policies
import cardops.sandbox.organizations.tree
import cardops.sandbox.ram.associations
import cardops.sandbox.ram.created_from_policy
import cardops.sandbox.ram.customer_permissions
import cardops.sandbox.ram.invitations
import cardops.sandbox.ram.lists
import cardops.sandbox.ram.permissions
import cardops.sandbox.ram.resource_policies
import cardops.sandbox.ram.share_permissions
import cardops.sandbox.ram.shares
import cardops.sandbox.ram.tags
import cardops.sandbox.ram.targets
import cardops.sandbox.sagemaker.batch_packages
import cardops.sandbox.sagemaker.card_lists
import cardops.sandbox.sagemaker.cards
import cardops.sandbox.sagemaker.export_jobs
import cardops.sandbox.sagemaker.group_policies
import cardops.sandbox.sagemaker.model_package_groups
import cardops.sandbox.sagemaker.model_packages
import cardops.sandbox.sagemaker.resource_policies
import cardops.sandbox.sagemaker.search
import cardops.sandbox.sagemaker.tags
import cardops.sandbox.sagemaker.targets
import cardops.sandbox.service_quotas
import cardops.sandbox.sts  # noqa: F401
