"""AWS partitions: the second part of every ARN, which follows from the Region.

Source: AWS General Reference, "Amazon Resource Names (ARNs)"; botocore's `partitions.json`.
"""

PREFIXES = (
    ("us-gov-", "aws-us-gov"),
    ("cn-", "aws-cn"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)


def partition_of(region: str) -> str:
    """Return the partition of a Region, such as `aws-us-gov` for us-gov-west-1; `aws` for ordinary Regions."""
    return next((name for prefix, name in PREFIXES if region.startswith(prefix)), "aws")
