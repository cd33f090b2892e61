"""Service Quotas: the quotas that cardops asks for.

Source: AWS General Reference, "Amazon SageMaker AI endpoints and quotas" and "AWS RAM endpoints and quotas" (2026).
"""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.errors import AwsError

_QUOTAS = {
    ("sagemaker", "L-EF24FBDB"): ("Maximum number of model card versions allowed per account", 100.0),
    ("sagemaker", "L-860ED60D"): ("Maximum number of concurrent model card export jobs", 20.0),
    ("ram", "L-238C96EE"): ("Pending invitations per sharing account", 250.0),
}
_NAMES = {"sagemaker": "Amazon SageMaker AI", "ram": "AWS Resource Access Manager (AWS RAM)"}


def _row(call: Call, service: str, code: str) -> dict[str, Any]:
    name, value = _QUOTAS[service, code]
    if code == "L-EF24FBDB":
        value = float(call.options.card_versions)
    return {
        "ServiceCode": service,
        "ServiceName": _NAMES[service],
        "QuotaArn": f"arn:{call.partition}:servicequotas:{call.region}:{call.caller.account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


@operation("servicequotas", "GetServiceQuota")
@operation("servicequotas", "GetAWSDefaultServiceQuota")
def get_service_quota(call: Call) -> dict[str, Any]:
    """Return a quota by service and code; raises NoSuchResourceException for others."""
    service, code = call.params["ServiceCode"], call.params["QuotaCode"]
    if (service, code) not in _QUOTAS:
        raise AwsError("NoSuchResourceException", f"The sandbox has no quota {code} of {service}.")
    return {"Quota": _row(call, service, code)}


@operation("servicequotas", "ListServiceQuotas")
def list_service_quotas(call: Call) -> dict[str, Any]:
    """List the quotas of a service that the sandbox knows."""
    service = call.params["ServiceCode"]
    return {"Quotas": [_row(call, name, code) for name, code in _QUOTAS if name == service]}
