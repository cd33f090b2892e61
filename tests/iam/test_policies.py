"""Which policy each role gets, from what is declared."""

from typing import Any

from cardops.iam.operations import Capability
from cardops.iam.policies import policy
from cardops.iam.requirements import capabilities, scope_of
from cardops.model.desired import Account, AccountRegion, Config, Desired, HubOrigin, ModelPackage
from support.builders import APPROVED, DEV, OWNER, PROD, REGION, REPO, card, config, desired, grant, share

SPOKE = AccountRegion(DEV, REGION)
US = AccountRegion(OWNER, "us-east-1")


def statements(wanted: Desired, alias: str, kind: str, probe: bool = False) -> dict[str, Any]:
    here = scope_of(wanted, alias)
    return {one["Sid"]: one for one in policy(here, capabilities(here, kind, probe))["Statement"]}


def actions(found: dict[str, Any]) -> set[str]:
    return {action for one in found.values() for action in one["Action"]}


def wanted(*cards: Any, settings: Config | None = None) -> Desired:
    return desired(
        *(cards or (card(),)), shares=[share(grant(), grant("ml-prod", "read", APPROVED))], settings=settings
    )


def test_who_owns_nothing_and_reads_no_origin_has_no_policy_but_the_consumers() -> None:
    found = wanted()
    assert {alias: capabilities(scope_of(found, alias), "apply") for alias in ("ml-dev", "ml-prod")} == {
        "ml-dev": set(),
        "ml-prod": set(),
    }
    assert capabilities(scope_of(found, "shared-services"), "consumer") == set()
    assert capabilities(scope_of(found, "ml-test"), "consumer") == {Capability.CONSUME}, (
        "what it cannot see has to be seen too"
    )


def test_writes_stand_under_the_repositorys_tag() -> None:
    found = statements(wanted(), "shared-services", "apply")
    ours = {"StringEquals": {"aws:ResourceTag/cardops:repository": REPO}}
    assert found["CardOurs"] == {
        "Sid": "CardOurs",
        "Effect": "Allow",
        "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags", "sagemaker:UpdateModelCard"],
        "Resource": f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/*",
        "Condition": ours,
    }
    assert found["ShareOurs"]["Condition"] == ours
    marked = {"aws:RequestTag/cardops:repository": REPO}
    assert found["CardMarking"]["Condition"] == {"StringEquals": marked}
    assert found["CardClaiming"]["Condition"] == {
        "StringEquals": marked,
        "Null": {"aws:ResourceTag/cardops:repository": "true"},
    }
    assert found["AnySharing"]["Condition"]["StringEquals"] == marked
    assert found["OwnPermission"]["Resource"] == f"arn:aws:ram:{REGION}:{OWNER}:permission/{REPO}.read"
    free = [one for sid, one in found.items() if "Condition" not in one and sid != "OwnPermission"]
    writes = {
        action
        for one in free
        for action in one["Action"]
        if not action.split(":")[1].startswith(("Describe", "List", "Get"))
    }
    policies = {"sagemaker:PutResourcePolicy", "sagemaker:DeleteResourcePolicy"}
    assert writes == {"sagemaker:Search", "ram:AssociateResourceSharePermission"} | policies


def test_who_shares_may_let_ram_write_the_cards_policy() -> None:
    needed = {f"sagemaker:{name}ResourcePolicy" for name in ("Put", "Get", "Delete")}
    assert needed <= actions(statements(wanted(), "shared-services", "apply"))
    assert not needed & actions(statements(wanted(), "shared-services", "plan"))
    assert not needed & actions(statements(wanted(), "ml-prod", "consumer"))


def test_deleting_is_given_where_retiring_deletes() -> None:
    assert "sagemaker:DeleteModelCard" not in actions(statements(wanted(), "shared-services", "apply"))
    deleting = wanted(settings=config(retire="delete"))
    assert "sagemaker:DeleteModelCard" in actions(statements(deleting, "shared-services", "apply"))
    assert "sagemaker:DeleteModelCard" not in actions(statements(deleting, "shared-services", "plan"))


def test_every_region_with_cards_is_named() -> None:
    found = statements(wanted(card(), card("there", place=US)), "shared-services", "plan")
    assert found["Card"]["Resource"] == [
        f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/*",
        f"arn:aws:sagemaker:us-east-1:{OWNER}:model-card/*",
    ]


def test_packages_are_those_that_cards_name() -> None:
    package = card(model_package=ModelPackage("churn", 3))
    assert "sagemaker:UpdateModelPackage" not in actions(statements(wanted(package), "shared-services", "plan"))
    found = statements(wanted(package), "shared-services", "apply")
    assert found["Package"]["Resource"] == f"arn:aws:sagemaker:{REGION}:{OWNER}:model-package/churn/3"
    assert "Package" not in statements(wanted(), "shared-services", "apply")


def test_an_account_with_origins_is_only_read() -> None:
    found = wanted(card("hub", origin=HubOrigin("ml-dev", "churn")))
    assert capabilities(scope_of(found, "ml-dev"), "apply") == {Capability.ORIGIN}
    assert actions(statements(found, "ml-dev", "plan")) == {"sagemaker:Search", "sagemaker:DescribeModelCard"}
    owner = wanted(card(place=SPOKE), card("hub", origin=HubOrigin("ml-dev", "churn")))
    assert capabilities(scope_of(owner, "ml-dev"), "apply") == {Capability.ORIGIN, Capability.READ, Capability.WRITE}
    assert capabilities(scope_of(owner, "shared-services"), "consumer") == {Capability.CONSUME, Capability.VERIFY}


def test_a_leaving_account_is_still_an_owner() -> None:
    accounts = config().accounts | {"ml-dev": Account("ml-dev", DEV, leaving=True)}
    assert capabilities(scope_of(wanted(settings=config(accounts=accounts)), "ml-dev"), "plan") == {
        Capability.READ,
        Capability.TELL,
    }


def test_a_consumer_reads_the_owners_cards_and_writes_only_to_probe() -> None:
    found = statements(wanted(), "ml-prod", "consumer")
    assert actions(found) == {"sagemaker:DescribeModelCard", "sagemaker:ListModelCardVersions"}
    assert found["SharedCard"]["Resource"] == f"arn:aws:sagemaker:{REGION}:{OWNER}:model-card/*"
    assert "sagemaker:UpdateModelCard" in actions(statements(wanted(), "ml-prod", "consumer", probe=True))


def test_an_outside_account_accepts_invitations_of_owners_alone() -> None:
    accounts = config().accounts | {"ml-prod": Account("ml-prod", PROD, external=True)}
    found = statements(wanted(settings=config(accounts=accounts)), "ml-prod", "consumer")
    assert found["InvitationOwners"]["Action"] == ["ram:AcceptResourceShareInvitation"]
    assert found["InvitationOwners"]["Condition"] == {"StringEquals": {"ram:ShareOwnerAccountId": OWNER}}
    assert "ram:GetResourceShareInvitations" in found["Any"]["Action"]


def test_keys_are_those_of_encrypted_cards_through_sagemaker() -> None:
    key = f"arn:aws:kms:{REGION}:{OWNER}:key/1"
    cards = (card(kms_key_id=key), card("b", kms_key_id="2"), card("c", kms_key_id="alias/cards"))
    for alias, kind in (("shared-services", "apply"), ("ml-prod", "consumer")):
        found = statements(wanted(*cards), alias, kind)
        assert found["KeyService"]["Resource"] == [key, f"arn:aws:kms:{REGION}:{OWNER}:key/2"]
        assert found["KeyService"]["Condition"] == {
            "StringEquals": {"kms:ViaService": f"sagemaker.{REGION}.amazonaws.com"}
        }
        assert found["KeyService1"]["Resource"] == f"arn:aws:kms:{REGION}:{OWNER}:key/*"
        assert found["KeyService1"]["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/cards"}
    assert found["KeyService"]["Action"] == ["kms:Decrypt"]
    assert not [sid for sid in statements(wanted(), "shared-services", "apply") if sid.startswith("Key")]
