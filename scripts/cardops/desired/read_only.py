"""Decide whom a grant reaches in RAM, and by which means its read access stays read-only.

RAM's permissions for model cards all let the consumer write, so a grant that only reads needs a means that AWS
enforces: see `Means`. Which means an account has is declared in cardops.yaml, under `read_only`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cardops.model.desired import AccessLevel, Account, Config, Means, Share
from cardops.model.findings import Finding
from cardops.model.permissions import MANAGED, may_write

NO_MEANS = "read-only/no-means"
IAM_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):")
SSO_ROLE = ":role/aws-reserved/sso.amazonaws.com/"
LOCK_HINT = (
    "share it with accounts instead, or declare `lock: scp` once the organization has the policy that "
    "`cardops iam lock` prints"
)


class Recipient(NamedTuple):
    """A principal that a grant reaches: RAM's access level there, and the means that keep it from writing.

    `refused` is why nothing is granted, with `hint`; both are empty where it is.
    """

    principal: str
    level: AccessLevel
    means: tuple[Means, ...] = ()
    refused: str = ""
    hint: str = ""


def recipients(config: Config, to: str, level: AccessLevel) -> list[Recipient]:
    """Return RAM's principals of a grant to an account's name or an ARN."""
    account = config.accounts.get(to)
    principal = account.id if account else to
    if SSO_ROLE in to:
        hint = "let it assume a role of its own, such as the one `cardops iam template` makes, and name that role"
        return [Recipient(to, level, (), f"{to} is a permission set's role, whose ARN changes", hint)]
    if not account and principal.startswith("arn:") and not IAM_PRINCIPAL.match(principal):
        return [_organization(config, principal, level)]
    if may_write(level.actions):
        roles = account.contributors if account else ()
        return [Recipient(account.role_arn(role), level) for role in roles if account] or [Recipient(principal, level)]
    known = account or account_behind(principal, config)
    refused, hint = _unmet(known, principal)
    if refused or known is None:
        return [Recipient(principal, level, (), refused, hint)]
    if Means.PERMISSION not in known.read_only:
        level = managed_for(level)
    names = [known.role_arn(role) for role in known.readers] if Means.ROLE in known.read_only and account else []
    return [Recipient(who, level, known.read_only) for who in names or [principal]]


def managed_for(level: AccessLevel) -> AccessLevel:
    """Return the same level with the smallest of AWS's managed permissions that allows its actions."""
    fitting = (name for name, actions in MANAGED.items() if level.actions <= actions)
    name = min(fitting, key=lambda one: len(MANAGED[one]), default="")
    return level._replace(managed=name, actions=MANAGED[name]) if name else level


def keepers(principal: str, config: Config) -> tuple[Means, ...]:
    """Return the declared means that may keep a principal of a RAM share from writing.

    `role` keeps a role, never an account; a role that is declared as a contributor is kept by nothing. What
    `permission` keeps is in the share's actions already.
    """
    account = account_behind(principal, config)
    if account is None:
        return (Means.SCP,) if _is_organization(principal) and _all_have(config, Means.SCP) else ()
    if principal in map(account.role_arn, account.contributors):
        return ()
    enforced = (Means.SCP, Means.KEY, Means.ROLE) if principal.startswith("arn:") else (Means.SCP, Means.KEY)
    return tuple(one for one in account.read_only if one in enforced)


def limits(principal: str, means: Iterable[Means], config: Config) -> str:
    """Say which means keep a principal from writing, and who can change that."""
    account = account_behind(principal, config)
    whose = f"{account.alias}'s administrators" if account else "administrators of these accounts"
    told = {
        Means.ROLE: f"role; {whose} can change that role unless the organization has the SCP TheReaderRoleStaysAReader",
        Means.SCP: "scp; the organization's administrators can change that",
        Means.KEY: "key; it does not stop a status, unless `cardops probe` showed that it does",
        Means.PERMISSION: "permission",
    }
    return "kept by " + ", and by ".join(told[one] for one in means if one in told)


def is_trusted(principal: str, config: Config) -> bool:
    """Return True if cardops.yaml says to rely on a means for this principal that cannot be verified."""
    account = account_behind(principal, config)
    accounts = [account] if account else consumers(config) if _is_organization(principal) else []
    means = keepers(principal, config)
    return bool(accounts) and all(set(one.trust) & set(means) for one in accounts)


def check_account(alias: str, account: Account, facts_allow_permission: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the key, message and hint of every contradiction in an account's means."""
    means = account.read_only
    if account.management and Means.SCP in means:
        yield (
            "read_only",
            f"{alias} is the management account, and service control policies do not bind it",
            "use role, key or copy",
        )
    if Means.COPY in means and len(means) > 1:
        yield "read_only", "copy shares nothing, so no other means can hold beside it", "keep one of them"
    if Means.PERMISSION in means and not facts_allow_permission:
        yield (
            "read_only",
            "RAM documents that it takes no customer managed permission for model cards",
            "use role, or prove it in your account with `cardops probe`, which writes aws-facts.json",
        )
    if unknown := set(account.trust) - set(means):
        names = ", ".join(sorted(unknown))
        yield "trust", f"{names} is trusted and is not among the means of read_only", "add it to read_only"
    for key, roles in (("readers", account.readers), ("contributors", account.contributors)):
        if any("AWSReservedSSO_" in role for role in roles):
            hint = "name a role of your own that the permission set may assume"
            yield key, "the ARN of a permission set's role changes, so access would be lost", hint


def unmet_means(config: Config, shares: Iterable[Share]) -> Iterator[Finding]:
    """Find the grants that give nothing, because no means keeps their access read-only."""
    for share in shares:
        wanted = {(grant.to, grant.access) for grant in share.grants if grant.access in config.access}
        for to, access in sorted(wanted):
            for one in recipients(config, to, config.access[access]):
                if one.refused:
                    message = f"{share.name}: {access} for {to}: nothing is shared: {one.refused}"
                    yield Finding(NO_MEANS, share.location, message, one.hint)


def _unmet(account: Account | None, principal: str) -> tuple[str, str]:
    """Return why a principal gets no read access, and what to do; two empty strings where it gets it."""
    if account is None:
        return (
            f"{principal} belongs to no account of cardops.yaml, so nothing is known to keep it from writing",
            "declare its account with `read_only`",
        )
    if not account.read_only:
        return (
            f"{account.alias} declares no means that keeps it from writing, and RAM's permissions let it write",
            f"declare accounts.{account.alias}.read_only in cardops.yaml, for example [role]",
        )
    return "", ""


def _organization(config: Config, principal: str, level: AccessLevel) -> Recipient:
    """A grant to an organization or a unit, which may contain the owner: then it reaches all of its principals."""
    if not may_write(level.actions) and _all_have(config, Means.PERMISSION):
        return Recipient(principal, level, (Means.PERMISSION,))
    if config.lock != "scp":
        why = f"{principal} may contain the owner, all of whose principals could then write the card"
        return Recipient(principal, level, (), why, LOCK_HINT)
    if may_write(level.actions):
        return Recipient(principal, level)
    if not _all_have(config, Means.SCP):
        lacking = ", ".join(one.alias for one in consumers(config) if Means.SCP not in one.read_only)
        why = f"{principal} reaches {lacking}, which no service control policy is declared to keep from writing"
        return Recipient(principal, level, (), why, "declare `read_only: [scp]` for them, or share with accounts")
    return Recipient(principal, managed_for(level), (Means.SCP,))


def _is_organization(principal: str) -> bool:
    return principal.startswith("arn:") and not IAM_PRINCIPAL.match(principal)


def consumers(config: Config) -> list[Account]:
    """Return the declared accounts that an organization's grant may reach."""
    return [one for alias, one in config.accounts.items() if alias != config.home and not one.external]


def _all_have(config: Config, means: Means) -> bool:
    return all(means in one.read_only for one in consumers(config))


def account_behind(principal: str, config: Config) -> Account | None:
    """Return the declared account of an account id or an IAM principal."""
    found = IAM_PRINCIPAL.match(principal)
    wanted = found[1] if found else principal
    return next((one for one in config.accounts.values() if one.id == wanted), None)
