"""The quota of versions is asked for only where a card comes near AWS's default."""

from typing import cast

from botocore.stub import Stubber

from cardops.aws.service_quotas import Boto3Quotas
from cardops.model.errors import AccessDeniedError
from cardops.model.ports import Cloud
from cardops.observed.version_limits import CODE, SERVICE, version_limits
from support.builders import HOME, card, live, observed
from support.stubbed_client import WHERE, stubbed

__all__ = ["stubbed"]


class Account:
    """Service Quotas with one answer, or none."""

    def __init__(self, value: int = 0) -> None:
        self.answer = value
        self.asked: list[tuple[str, str]] = []

    def quotas(self, place: object) -> "Account":
        assert place == HOME
        return self

    def value(self, service: str, code: str) -> int:
        self.asked.append((service, code))
        if not self.answer:
            raise AccessDeniedError("may not ask")
        return self.answer


def test_no_call_is_made_for_cards_with_few_versions() -> None:
    account = Account(500)
    assert version_limits(cast(Cloud, account), observed(live(card(), version=74))) == {}
    assert account.asked == []


def test_the_applied_quota_counts_where_it_may_be_asked() -> None:
    seen = observed(live(card(), version=75), live(card("other"), version=90))
    account = Account(500)
    assert version_limits(cast(Cloud, account), seen) == {HOME: 500}
    assert account.asked == [(SERVICE, CODE)]
    assert version_limits(cast(Cloud, Account()), seen) == {}


def test_the_adapter_reads_the_value(stubbed: object) -> None:
    client, stubber = stubbed("service-quotas")  # type: ignore[operator]
    assert isinstance(stubber, Stubber)
    asked = {"ServiceCode": SERVICE, "QuotaCode": CODE}
    stubber.add_response("get_service_quota", {"Quota": {"Value": 250.0}}, asked)
    assert Boto3Quotas(client, WHERE).value(SERVICE, CODE) == 250
