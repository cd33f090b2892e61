"""Connect to AWS: the one place where the command line makes a Cloud."""

from typing import Literal

from cardops.model.desired import Config
from cardops.model.ports import Cloud


def connect(config: Config, role: Literal["role", "plan_role"] = "plan_role") -> Cloud:
    """Clients for every account of `config`, through its role that writes or the one that only reads."""
    from cardops.aws.cloud import Boto3Cloud  # boto3 takes 0.13 s, which commands without AWS must not pay

    return Boto3Cloud(config, role)
