"""IAM OpenID Connect providers."""

from typing import Any

from cardops.sandbox.core.operations import Call, operation
from cardops.sandbox.iam.entities import OidcProvider
from cardops.sandbox.iam.errors import exists, invalid, no_such


def _held(call: Call) -> dict[str, OidcProvider]:
    return call.state.iam_of(call.caller.account).providers


def _the(call: Call) -> OidcProvider:
    found = _held(call).get(call.params["OpenIDConnectProviderArn"])
    if found is None:
        raise no_such("OpenIDConnect provider", call.params["OpenIDConnectProviderArn"])
    return found


@operation("iam", "CreateOpenIDConnectProvider")
def create_open_id_connect_provider(call: Call) -> dict[str, Any]:
    """Create a provider for an issuer's URL."""
    url = call.params["Url"]
    if not url.startswith("https://"):
        raise invalid("Invalid Open ID Connect Provider URL: it must start with https://")
    name = url.removeprefix("https://").rstrip("/")
    arn = f"arn:{call.partition}:iam::{call.caller.account}:oidc-provider/{name}"
    if arn in _held(call):
        raise exists("Provider", url)
    _held(call)[arn] = OidcProvider(arn, name, list(call.get("ClientIDList", [])), call.now)
    return {"OpenIDConnectProviderArn": arn}


@operation("iam", "GetOpenIDConnectProvider")
def get_open_id_connect_provider(call: Call) -> dict[str, Any]:
    """Describe a provider."""
    found = _the(call)
    return {"Url": found.url, "ClientIDList": found.clients, "ThumbprintList": [], "CreateDate": found.created}


@operation("iam", "ListOpenIDConnectProviders")
def list_open_id_connect_providers(call: Call) -> dict[str, Any]:
    """List the account's providers."""
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in _held(call)]}


@operation("iam", "DeleteOpenIDConnectProvider")
def delete_open_id_connect_provider(call: Call) -> dict[str, Any]:
    """Delete a provider."""
    del _held(call)[_the(call).arn]
    return {}
