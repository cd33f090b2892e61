"""Values that fit their schema, as the model's data."""

from typing import Any

from cardops.model import canonical
from cardops.model.desired import (
    READER_ROLE,
    AccessLevel,
    Account,
    Card,
    CardKey,
    Config,
    Grant,
    HubOrigin,
    IgnoreRule,
    Means,
    ModelPackage,
    Safety,
    Share,
    Status,
)
from cardops.model.findings import Location
from cardops.model.permissions import EXPORT_ACTIONS, MANAGED, READ_ACTIONS, WRITE_ACTIONS

EXPORT_PERMISSION = "AWSRAMPermissionSageMakerModelCardsAllowExport"
CONTRIBUTE_PERMISSION = "AWSRAMPermissionSageMakerModelCards"
DEFAULT_ACCESS = {
    "read": AccessLevel("read", READ_ACTIONS),
    "contribute": AccessLevel("contribute", READ_ACTIONS | WRITE_ACTIONS, CONTRIBUTE_PERMISSION),
    "export": AccessLevel("export", READ_ACTIONS | WRITE_ACTIONS | EXPORT_ACTIONS, EXPORT_PERMISSION),
}


def config(value: dict[str, Any]) -> Config:
    """cardops.yaml."""
    accounts = {alias: _account(alias, entry) for alias, entry in value["accounts"].items()}
    levels = {name: _level(name, entry) for name, entry in value.get("access", {}).items()}
    return Config(
        repository=value["repository"],
        region=value["region"],
        home=value["home"],
        accounts=accounts,
        access=levels or dict(DEFAULT_ACCESS),
        retire=value.get("retire", "archive"),
        safety=_safety(value.get("safety", {})),
        signoff=value.get("signoff", "reviews"),
        approvers={group: tuple(members) for group, members in value.get("approvers", {}).items()},
        signing_keys=value.get("signing_keys", {}),
        lock=value.get("lock", ""),
    )


def card_key(value: dict[str, Any], settings: Config) -> CardKey | None:
    """The card's key; None when its account is not declared."""
    account = settings.accounts.get(value.get("account", settings.home))
    return CardKey(account.id, value.get("region", settings.region), value["name"]) if account else None


def card(value: dict[str, Any], key: CardKey, location: Location, content: bool = True) -> Card:
    """A card; a hub copy's content is not in its file. Without `content` its content and digest are empty."""
    sent = canonical.to_bytes(value.get("content", {})) if content else b""
    package, origin = value.get("model_package"), value.get("aggregate_from")
    return Card(
        key=key,
        status=Status(value["status"]),
        owner=value["owner"],
        text=sent,
        digest=canonical.digest(sent) if content else "",
        location=location,
        kms_key_id=value.get("kms_key_id", ""),
        tags=value.get("tags", {}),
        live_sections=tuple(value.get("live_sections", ())),
        ignore=tuple(IgnoreRule(**entry) for entry in value.get("ignore", ())),
        model_package=ModelPackage(**package) if package else None,
        origin=HubOrigin(**origin) if origin else None,
        adopt=value.get("adopt", False),
        risk_rating=value.get("content", {}).get("intended_uses", {}).get("risk_rating", ""),
    )


def share(value: dict[str, Any], location: Location) -> Share:
    """A share."""
    grants = tuple(
        Grant(
            grant["to"],
            grant["access"],
            frozenset(Status(name) for name in grant["while"]),
            grant.get("expires", ""),
            grant.get("adopt", ""),
        )
        for grant in value["grants"]
    )
    return Share(
        name=value["name"],
        cards=tuple(value["cards"]),
        grants=grants,
        location=location,
        expires=value.get("expires", ""),
        invitations=value.get("invitations", "accept"),
    )


def _account(alias: str, entry: dict[str, Any]) -> Account:
    """An entry of `accounts`; `write_denied: scp` is the older way to say `read_only: [scp]` and `trust: [scp]`."""
    plain = {name: value for name, value in entry.items() if not isinstance(value, list)}
    denied = (Means.SCP,) if plain.pop("write_denied", "") == "scp" else ()
    return Account(
        alias=alias,
        **plain,
        read_only=tuple(dict.fromkeys((*map(Means, entry.get("read_only", ())), *denied))),
        readers=tuple(entry.get("readers", (READER_ROLE,))),
        contributors=tuple(entry.get("contributors", ())),
        trust=tuple(map(Means, entry.get("trust", denied))),
    )


def _level(name: str, entry: dict[str, Any]) -> AccessLevel:
    managed: str = entry.get("managed", "")
    return AccessLevel(name, MANAGED[managed] if managed else frozenset(entry["actions"]), managed)


def _safety(value: dict[str, Any]) -> Safety:
    return Safety()._replace(**{name: _limit(limit) for name, limit in value.items()})


def _limit(value: Any) -> Any:
    """`30%` is 0.3; a whole number and a digest stay."""
    if isinstance(value, str) and value.endswith("%"):
        return float(value[:-1]) / 100
    return int(value) if isinstance(value, float) else value
