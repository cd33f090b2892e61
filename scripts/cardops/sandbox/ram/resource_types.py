"""The resource types that the sandbox can share, by the ARNs of their resources.

Source: RAM User Guide, "Shareable AWS resources": model cards take no customer managed permissions, model package
groups do; both take IAM roles and users, and accounts outside of the organization, but no service principals.
"""

import re

MODEL_CARD = "sagemaker:ModelCard"
MODEL_PACKAGE_GROUP = "sagemaker:model-package-group"
TYPES = (MODEL_CARD, MODEL_PACKAGE_GROUP)
RESOURCE = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}):([a-z-]+)/(.+)")
_KINDS = {("sagemaker", "model-card"): MODEL_CARD, ("sagemaker", "model-package-group"): MODEL_PACKAGE_GROUP}


def type_of(arn: str) -> str | None:
    """Return the resource type of an ARN, or None if it cannot be shared."""
    found = RESOURCE.fullmatch(arn)
    return _KINDS.get((found[1], found[4])) if found else None
