"""Clients for every declared account, reached through its role."""

import threading
from typing import Any, Literal

import boto3
import botocore
import botocore.session
from botocore.config import Config as ClientConfig
from botocore.credentials import CredentialResolver, DeferredRefreshableCredentials

from cardops import __version__
from cardops.aws.client import time_of
from cardops.aws.errors import Where, explained
from cardops.aws.iam_identities import Boto3Identities
from cardops.aws.kms_keys import Boto3Keys
from cardops.aws.model_packages import Boto3Registry
from cardops.aws.ram_invitations import Boto3Invitations
from cardops.aws.ram_shares import Boto3Sharing
from cardops.aws.sagemaker_cards import Boto3Cards
from cardops.aws.service_quotas import Boto3Quotas
from cardops.iam.operations import require_listed
from cardops.model.desired import Account, AccountRegion, Config
from cardops.model.errors import CloudError, RoleNotAssumableError

SESSION_NAME = "cardops"
CONNECT_SECONDS = 10
READ_SECONDS = 60
USER_AGENT = f"cardops/{__version__} Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
"""Who CloudTrail says that it was. botocore makes its own anew for each call, twice, which is a fifth of its work."""


class Boto3Cloud:
    """Implements ports.Cloud. `role_of` names the member of an account that holds the role to assume."""

    def __init__(self, config: Config, role_of: Literal["role", "plan_role"], concurrency: int = 16) -> None:
        self._config = config
        self._accounts = {account.id: account for account in config.accounts.values()}
        self._region = config.region
        self._role_of = role_of
        self._client_config = ClientConfig(
            user_agent=USER_AGENT,
            retries={"mode": "standard", "max_attempts": 8},
            max_pool_connections=concurrency,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
        self._lock = threading.RLock()  # building sessions and clients is not thread-safe; using clients is
        self._base: boto3.Session | None = None
        self._loader: Any = None
        self._sts: Any = None
        self._caller = ""
        self._sessions: dict[str, boto3.Session] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._sharing: dict[AccountRegion, Boto3Sharing] = {}

    def cards(self, place: AccountRegion) -> Boto3Cards:
        """Model cards there."""
        where = self._where(place)
        return Boto3Cards(self._client(where, "sagemaker"), where)

    def sharing(self, place: AccountRegion) -> Boto3Sharing:
        """RAM there; the same object each time, for it remembers what permissions allow."""
        where = self._where(place)
        with self._lock:
            if place not in self._sharing:
                self._sharing[place] = Boto3Sharing(self._client(where, "ram"), where)
            return self._sharing[place]

    def registry(self, place: AccountRegion) -> Boto3Registry:
        """The model registry there."""
        where = self._where(place)
        return Boto3Registry(self._client(where, "sagemaker"), where)

    def invitations(self, place: AccountRegion) -> Boto3Invitations:
        """RAM there, as the one that others share with."""
        where = self._where(place)
        return Boto3Invitations(self._client(where, "ram"), where)

    def keys(self, place: AccountRegion) -> Boto3Keys:
        """KMS there."""
        where = self._where(place)
        return Boto3Keys(self._client(where, "kms"), where)

    def identities(self, place: AccountRegion) -> Boto3Identities:
        """IAM of the account."""
        where = self._where(place)
        return Boto3Identities(self._client(where, "iam"), where)

    def quotas(self, place: AccountRegion) -> Boto3Quotas:
        """Service Quotas there."""
        where = self._where(place)
        return Boto3Quotas(self._client(where, "service-quotas"), where)

    def caller(self) -> str:
        """The account id of the ambient credentials, asked for once."""
        with self._lock:
            if not self._caller:
                where = Where(AccountRegion("caller", self._region))
                require_listed("sts:GetCallerIdentity")
                with explained("sts:GetCallerIdentity", "", where):
                    self._caller = str(self._ambient_sts().get_caller_identity()["Account"])
            return self._caller

    def _where(self, place: AccountRegion) -> Where:
        account = self._accounts.get(place.account)
        if account is None:
            raise CloudError(f"{place.account} is no account of cardops.yaml", "declare it under `accounts`")
        role = account.plan_role if self._role_of == "plan_role" else account.role
        if role:
            return Where(place, f"arn:aws:iam::{account.id}:role/{role}")
        if self._role_of == "plan_role":
            raise RoleNotAssumableError(
                f"account {account.alias} ({account.id}) has no plan_role",
                f"set accounts.{account.alias}.plan_role in cardops.yaml to a role that may read",
            )
        self._demand_own(account)
        return Where(place)

    def _demand_own(self, account: Account) -> None:
        caller = self.caller()
        if caller != account.id:
            raise RoleNotAssumableError(
                f"account {account.alias} ({account.id}) has no role, and the credentials are of {caller}",
                f"set accounts.{account.alias}.role in cardops.yaml, or run with credentials of that account",
            )

    def _client(self, where: Where, service: str) -> Any:
        place = where.place
        with self._lock, explained(f"{service} client", "", where):
            key = (place.account, place.region, service)
            if key not in self._clients:
                self._clients[key] = self._session(where).client(
                    service, region_name=place.region, config=self._client_config
                )
            return self._clients[key]

    def _session(self, where: Where) -> boto3.Session:
        if not where.role:
            return self._ambient()
        if where.role not in self._sessions:
            self._sessions[where.role] = self._assumed(where.role)
        return self._sessions[where.role]

    def _ambient(self) -> boto3.Session:
        if self._base is None:
            self._base = boto3.Session(botocore_session=self._core())  # its chain: environment, profile, …
        return self._base

    def _core(self) -> Any:
        """A botocore session. Reading the service models takes most of a client's start, so all have the same."""
        session = botocore.session.Session()
        if self._loader:
            session.register_component("data_loader", self._loader)
        self._loader = session.get_component("data_loader")
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=time_of)
        return session

    def _ambient_sts(self) -> Any:
        if self._sts is None:
            self._sts = self._ambient().client("sts", region_name=self._region, config=self._client_config)
        return self._sts

    def _assumed(self, role: str) -> boto3.Session:
        """A session whose credentials are fetched at the first call and again before they expire."""
        provider, session = _AssumedRole(self._ambient_sts(), role), self._core()
        session.register_component("credential_provider", CredentialResolver(providers=[provider]))
        return boto3.Session(botocore_session=session)


class _AssumedRole:
    """A botocore credential provider."""

    METHOD = "assume-role"
    CANONICAL_NAME = "AssumeRole"

    def __init__(self, sts: Any, role: str) -> None:
        self._sts = sts
        self._role = role

    def load(self) -> Any:
        return DeferredRefreshableCredentials(refresh_using=self._fetch, method=self.METHOD)

    def _fetch(self) -> dict[str, str]:
        require_listed("sts:AssumeRole")
        answer = self._sts.assume_role(RoleArn=self._role, RoleSessionName=SESSION_NAME)["Credentials"]
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }
