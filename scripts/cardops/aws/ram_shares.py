"""RAM's resource shares. Sources: botocore's service model of `ram` and the RAM API reference."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cardops.aws.client import Calls, Pages, chunk_token, chunks, utc
from cardops.aws.errors import Where
from cardops.aws.ram_associations import ENDED, Associations
from cardops.aws.ram_permissions import GONE, Permissions, tag_dict, tag_list
from cardops.model.errors import NotFoundError
from cardops.model.observed import TERMINAL_STATES, Association, ObservedPermission, ObservedShare
from cardops.model.permissions import RESOURCE_TYPE

PAGES = Pages("nextToken", "maxResults", 500)
MOST_ENTITIES = 100  # resources and principals together in one request


@dataclass(slots=True)
class Attached:
    """The permissions of a share: the current one, and all (with their versions) that RAM may still go by."""

    permission: str = ""
    version: int = 0
    effective: set[tuple[str, int]] = field(default_factory=set)


class Boto3Sharing:
    """Implements ports.Sharing."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "ram", PAGES, where)
        self._permissions = Permissions(self._calls)
        self._deleted: dict[str, str] = {}

    def shares(self, leaving: bool = False) -> list[ObservedShare]:
        """All own shares, from four lists whatever their number; deleted ones stay listed about two hours."""
        own = []
        for share in self._calls.items("GetResourceShares", "resourceShares", resourceOwner="SELF"):
            if share.get("status") in GONE:
                self._deleted[str(share.get("name"))] = utc(share.get("lastUpdatedTime"))
            if share.get("status") not in GONE or (leaving and share["status"] == "DELETING"):
                own.append(share)
        if not own:
            return []
        principals, resources = Associations(self._calls, "PRINCIPAL"), Associations(self._calls, "RESOURCE")
        permissions = self._attached()
        return [self._observed(share, principals, resources, permissions) for share in own]

    def associations(self, shares: Sequence[str]) -> dict[str, dict[str, Association]]:
        """Resources and principals of these shares, a hundred shares at a time."""
        found: dict[str, dict[str, Association]] = {share: {} for share in shares}
        for part in chunks(shares, MOST_ENTITIES):
            for kind in ("PRINCIPAL", "RESOURCE"):
                for share, entities in Associations(self._calls, kind, part).of.items():
                    found[share] |= entities
        return found

    def permissions(self) -> dict[str, ObservedPermission]:
        """Customer managed permissions for model cards, by name."""
        return self._permissions.all()

    def actions(self, permission: str, version: int) -> frozenset[str]:
        """The actions that one version of a permission allows."""
        return self._permissions.actions(permission, version)

    def share_with(self, tag: str, value: str) -> str:
        """The ARN of a live own share with this tag, or nothing."""
        filters = [{"tagKey": tag, "tagValues": [value]}]
        for found in self._calls.items("GetResourceShares", "resourceShares", resourceOwner="SELF", tagFilters=filters):
            if found.get("status") not in GONE:
                return str(found["resourceShareArn"])
        return ""

    def create_share(
        self,
        name: str,
        principal: str,
        resources: Sequence[str],
        permission: str,
        external: bool,
        tags: Mapping[str, str],
        token: str,
    ) -> str:
        """A new share; RAM's default for allowExternalPrincipals is true, so it is always sent.

        RAM answers a token that it knows with the share it made then, deleted or not; so a token is not used
        again after a share of that name was deleted.
        """
        token = chunk_token(f"{token} {self._deleted[name]}", 1) if name in self._deleted else token
        first, rest = resources[: MOST_ENTITIES - 1], resources[MOST_ENTITIES - 1 :]
        request: dict[str, Any] = {
            "name": name,
            "principals": [principal],
            "resourceArns": list(first),
            "permissionArns": [permission],
            "allowExternalPrincipals": external,
            "clientToken": token,
        }
        if tags:
            request["tags"] = tag_list(tags)
        answer = self._calls.call("CreateResourceShare", name, **request)
        with self._calls.reading("CreateResourceShare", name):
            arn = str(answer["resourceShare"]["resourceShareArn"])
        if rest:
            self.associate(arn, rest, (), chunk_token(token, 1))
        return arn

    def associate(self, share: str, resources: Sequence[str], principals: Sequence[str], token: str) -> None:
        """Adds resources or principals."""
        self._change("AssociateResourceShare", share, resources, principals, token)

    def disassociate(self, share: str, resources: Sequence[str], principals: Sequence[str], token: str) -> None:
        """Removes resources or principals."""
        self._change("DisassociateResourceShare", share, resources, principals, token)

    def replace_permission(self, share: str, permission: str, version: int | None, token: str) -> None:
        """Another permission in place; RAM takes no other version than the permission's default one."""
        request: dict[str, Any] = {
            "resourceShareArn": share,
            "permissionArn": permission,
            "replace": True,
            "clientToken": token,
        }
        if version is not None:
            request["permissionVersion"] = version
        self._calls.call("AssociateResourceSharePermission", share, **request)

    def share_tags(self, share: str) -> dict[str, str]:
        """The tags of one own share. Raises NotFoundError for one that is deleted or does not exist."""
        request = {"resourceOwner": "SELF", "resourceShareArns": [share]}
        for found in self._calls.items("GetResourceShares", "resourceShares", share, **request):
            if found.get("status") not in GONE:
                return tag_dict(found.get("tags") or ())
        raise NotFoundError(f"the share {share} does not exist any more", "plan again")

    def tag_share(self, share: str, tags: Mapping[str, str]) -> None:
        """Adds or replaces these tags; TagResource has no client token, and sent twice it does the same."""
        self._calls.call("TagResource", share, resourceShareArn=share, tags=tag_list(tags))

    def delete_share(self, share: str, token: str) -> None:
        """Deletes the share."""
        self._calls.call("DeleteResourceShare", share, resourceShareArn=share, clientToken=token)

    def allow_external(self, share: str, allowed: bool, token: str) -> None:
        """Allow or forbid principals outside the organization."""
        self._calls.call(
            "UpdateResourceShare",
            share,
            resourceShareArn=share,
            allowExternalPrincipals=allowed,
            clientToken=token,
        )

    def create_permission(self, name: str, actions: Iterable[str], tags: Mapping[str, str], token: str) -> str:
        """A customer managed permission for model cards; returns its ARN."""
        return self._permissions.create(name, actions, tags, token)

    def add_permission_version(self, arn: str, actions: Iterable[str], token: str) -> None:
        """A new version, which becomes the default one."""
        self._permissions.add_version(arn, actions, token)

    def delete_permission_version(self, arn: str, version: int, token: str) -> None:
        """Removes a version that no share uses."""
        self._permissions.delete_version(arn, version, token)

    def _change(
        self, operation: str, share: str, resources: Sequence[str], principals: Sequence[str], token: str
    ) -> None:
        entities = [("resourceArns", arn) for arn in resources]
        entities += [("principals", principal) for principal in principals]
        for index, part in enumerate(chunks(entities, MOST_ENTITIES)):
            request: dict[str, list[str]] = defaultdict(list)
            for member, entity in part:
                request[member].append(entity)
            self._calls.call(operation, share, resourceShareArn=share, clientToken=chunk_token(token, index), **request)

    def _attached(self) -> Mapping[str, Attached]:
        """The permissions by share. Of one that is being replaced, the old one still works until it is gone.

        Filtered here, because ListPermissionAssociations' own `resourceType` leaves out shares that hold no
        resource of that type at the moment.
        """
        operation = "ListPermissionAssociations"
        attached: dict[str, Attached] = defaultdict(Attached)
        for record in self._calls.items(operation, "permissions", resourceOwner="SELF"):
            with self._calls.reading(operation):
                if record["resourceType"].lower() != RESOURCE_TYPE.lower() or record.get("status") in TERMINAL_STATES:
                    continue
                found = attached[record["resourceShareArn"]]
                permission, version = str(record["arn"]), int(record["permissionVersion"])
                found.effective.add((permission, version))
                if record.get("status") not in ENDED:
                    found.permission, found.version = permission, version
        return attached

    def _observed(
        self,
        share: Mapping[str, Any],
        principals: Associations,
        resources: Associations,
        permissions: Mapping[str, Attached],
    ) -> ObservedShare:
        with self._calls.reading("GetResourceShares"):
            arn = str(share["resourceShareArn"])
            attached = permissions.get(arn) or Attached()
            actions = [self._permissions.actions(name, version) for name, version in sorted(attached.effective)]
            who, what = principals.of.get(arn, {}), resources.of.get(arn, {})
            failed = {entity: one.message for entity, one in (what | who).items() if one.message}
            if share.get("statusMessage"):
                failed[arn] = str(share["statusMessage"])
            return ObservedShare(
                arn=arn,
                place=self._calls.where.place,
                name=str(share["name"]),
                tags=tag_dict(share.get("tags") or ()),
                resources={entity: one.state for entity, one in what.items()},
                principals={entity: one.state for entity, one in who.items()},
                permission=attached.permission,
                permission_version=attached.version,
                actions=frozenset().union(*actions),
                external=bool(share.get("allowExternalPrincipals", True)),
                feature_set=str(share.get("featureSet", "STANDARD")),
                updated=max(
                    utc(share.get("lastUpdatedTime")), principals.changed.get(arn, ""), resources.changed.get(arn, "")
                ),
                status=str(share.get("status", "ACTIVE")),
                messages=failed,
                invited={entity: one.invited for entity, one in who.items() if one.invited},
                retained=bool(
                    (share.get("resourceShareConfiguration") or {}).get("retainSharingOnAccountLeaveOrganization")
                ),
            )
