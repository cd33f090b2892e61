"""SageMaker's model cards. Sources: botocore's model of `sagemaker` and the SageMaker API reference."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cardops.aws.client import Calls, Pages, chunks, utc
from cardops.aws.errors import Where
from cardops.model import canonical, live_json
from cardops.model.desired import CardKey, Status
from cardops.model.errors import CloudError
from cardops.model.observed import CardVersion, ObservedCard

PAGES = Pages("NextToken", "MaxResults", 100)
MOST_TAGS = 50  # Tags of AddTags, TagKeys of DeleteTags


class Boto3Cards:
    """Implements ports.Cards."""

    def __init__(self, client: Any, where: Where) -> None:
        self._calls = Calls(client, "sagemaker", PAGES, where)

    def search(self, contents: bool) -> Iterator[ObservedCard]:
        """Every card with tags, from the index. Its records have no ModelCardProcessingStatus.

        A record that cannot be used is left out: the card is described then, and nothing but that card waits.
        """
        for result in self._calls.items("Search", "Results", Resource="ModelCard"):
            record = result.get("ModelCard")
            if not record:
                continue
            try:
                found = self._observed("Search", record, record.get("Content") or "" if contents else "")
            except CloudError:
                continue
            if record.get("ModelPackageGroupName") and not found.tags:
                continue  # the registry made it for a package version: it is that version's own card
            yield found

    def names(self) -> Iterator[str]:
        """Every card's name."""
        for summary in self._calls.items("ListModelCards", "ModelCardSummaries"):
            with self._calls.reading("ListModelCards"):
                name = str(summary["ModelCardName"])
            yield name

    def describe(self, name: str, version: int | None = None) -> ObservedCard:
        """The live card, or one version of it; DescribeModelCard takes name or ARN and returns no tags."""
        request: dict[str, Any] = {"ModelCardName": name}
        if version is not None:
            request["ModelCardVersion"] = version
        record = self._calls.call("DescribeModelCard", name, **request)
        return self._observed("DescribeModelCard", record, record.get("Content") or "", described=True)

    def versions(self, name: str) -> list[CardVersion]:
        """Every version, oldest first. ListModelCardVersions takes name or ARN."""
        operation = "ListModelCardVersions"
        found = self._calls.items(operation, "ModelCardVersionSummaryList", name, ModelCardName=name)
        with self._calls.reading(operation, name):
            return sorted(map(_version, found), key=lambda one: one.version)

    def tags(self, arn: str) -> dict[str, str]:
        """The card's tags."""
        tags = list(self._calls.items("ListTags", "Tags", arn, ResourceArn=arn))
        with self._calls.reading("ListTags", arn):
            return _tag_dict(tags)

    def create(self, name: str, content: bytes, status: Status, tags: Mapping[str, str], kms: str) -> None:
        """A new card. The key is fixed for its life: UpdateModelCard has no SecurityConfig."""
        request: dict[str, Any] = {
            "ModelCardName": name,
            "Content": content.decode(),
            "ModelCardStatus": status.value,
        }
        if tags:
            request["Tags"] = _tag_list(tags)
        if kms:
            request["SecurityConfig"] = {"KmsKeyId": kms}
        self._calls.call("CreateModelCard", name, **request)

    def write_content(self, name: str, content: bytes) -> None:
        """A new version. UpdateModelCard: "You cannot update both model card content and model card status in
        a single call."
        """
        self._calls.call("UpdateModelCard", name, ModelCardName=name, Content=content.decode())

    def set_status(self, name: str, status: Status) -> None:
        """Another status; makes no version."""
        self._calls.call("UpdateModelCard", name, ModelCardName=name, ModelCardStatus=status.value)

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Adds or replaces these tags."""
        for part in chunks(_tag_list(tags), MOST_TAGS):
            self._calls.call("AddTags", arn, ResourceArn=arn, Tags=part)

    def remove_tags(self, arn: str, keys: Sequence[str]) -> None:
        """Removes these tags; DeleteTags refuses an empty list, so none means no call."""
        for part in chunks(list(keys), MOST_TAGS):
            self._calls.call("DeleteTags", arn, ResourceArn=arn, TagKeys=part)

    def delete(self, name: str) -> None:
        """Starts the deletion, which goes on after the answer; DeleteModelCard takes a name, not an ARN."""
        self._calls.call("DeleteModelCard", name, ModelCardName=name)

    def _observed(self, operation: str, record: Mapping[str, Any], text: str, described: bool = False) -> ObservedCard:
        resource = str(record.get("ModelCardName") or record.get("ModelCardArn", ""))
        with self._calls.reading(operation, resource):
            status = record["ModelCardStatus"]
            if status not in list(Status):
                raise self._calls.unusable(operation, resource, "it has a status that cardops does not know")
            content, flaw = _content(text) if text or described else (None, "")
            return ObservedCard(
                key=_key(record["ModelCardArn"]),
                status=Status(status),
                version=int(record["ModelCardVersion"]),
                content=content,
                tags=_tag_dict(record.get("Tags") or ()),
                kms_key_id=(record.get("SecurityConfig") or {}).get("KmsKeyId", ""),
                processing=record.get("ModelCardProcessingStatus", ""),
                modified=utc(record.get("LastModifiedTime") or record.get("CreationTime")),
                flaw=flaw,
            )


def _content(text: str) -> tuple[bytes | None, str]:
    """The canonical content; or None, and why the text does not stand for one."""
    try:
        return canonical.to_bytes(live_json.parse(text)), ""
    except live_json.LiveJsonError as problem:
        return None, f"its live JSON cannot be trusted: {problem}"


def _version(summary: Mapping[str, Any]) -> CardVersion:
    created = summary["CreationTime"]
    modified = summary.get("LastModifiedTime") or created
    status = Status(summary["ModelCardStatus"])
    return CardVersion(int(summary["ModelCardVersion"]), status, utc(created), utc(modified))


def _key(arn: str) -> CardKey:
    """From `arn:aws:sagemaker:REGION:ACCOUNT:model-card/NAME`."""
    _, _, _, region, account, resource = arn.split(":")
    _, name = resource.split("/")
    return CardKey(account, region, name)


def _tag_dict(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
