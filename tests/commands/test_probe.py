"""The probe reports the sandbox's own setting of each switch, and leaves nothing behind."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cardops.aws.probe_api import ProbeApi
from cardops.cli.probe import command
from cardops.commands.probe import PREFIX, TAG, Probe, cleanup
from cardops.model.errors import CloudError
from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options

OWNER, REGION = "111111111111", "eu-west-1"
ROLE = "arn:aws:iam::222222222222:role/reader"
SETTINGS: list[dict[str, Any]] = [
    {},
    {"edited_status": "Draft"},
    {"edited_status": "Approved"},
    {"one_field_updates": False},
    {"archived_frozen": False},
    {"archived_error": "ConflictException"},
    {"unarchive": True},
    {"checked_content": True},
    {"describe_while_deleting": False},
    {"delete_refused_while_shared": True},
    {"customer_permissions": True},
    {"role_principals": False},
    {"card_versions": 250},
]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"AWS_ACCESS_KEY_ID": f"AKIA{OWNER}0000", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": REGION}
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def probe(*words: str, answer: str = "") -> Result:
    return CliRunner().invoke(command, ["--region", REGION, *words], input=answer, standalone_mode=False)


def left(api: ProbeApi) -> list[str]:
    cards = api.call("sagemaker", "ListModelCards", NameContains=TAG)["ModelCardSummaries"]
    shares = api.call("ram", "GetResourceShares", resourceOwner="SELF")["resourceShares"]
    permissions = api.call("ram", "ListPermissions", resourceOwner="SELF")["permissions"]
    return [*cards, *(row for row in shares if row["status"] == "ACTIVE"), *permissions]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_probe_finds_the_setting_of_each_switch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: dict[str, Any]
) -> None:
    with Sandbox(options=Options(delete_seconds=3600.0, **setting)) as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        done = probe("--yes", "--role", ROLE, "--out", str(tmp_path / "facts.json"))
        assert done.return_value == 0, done.output
        document = json.loads((tmp_path / "facts.json").read_text())
        wanted = Options(**setting).describe()
        assert document["version"] == 1
        assert document["facts"] == {name: wanted[name] for name in document["facts"]}
        expected = 10 + 2 * wanted["archived_frozen"] - 1
        assert len(document["facts"]) == expected
        assert OWNER not in (tmp_path / "facts.json").read_text()


class Interrupted:
    """Interrupts a probe at one call; what follows is the removal."""

    def __init__(self, api: ProbeApi, at: int) -> None:
        self.api, self.calls_left = api, at

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        self.calls_left -= 1
        if self.calls_left == 0:
            raise KeyboardInterrupt
        return self.api.call(service, operation, **request)


def test_nothing_is_left_behind_even_if_the_probe_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(options=Options(delete_seconds=0.0, customer_permissions=True)) as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        api = ProbeApi(REGION)
        for at in range(1, 24, 4):
            with pytest.raises(KeyboardInterrupt):
                list(Probe(Interrupted(api, at), ROLE).run())
            assert left(api) == []


def test_what_an_earlier_probe_left_is_found_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(options=Options(delete_seconds=0.0)) as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        api = ProbeApi(REGION)
        for name in (f"{PREFIX}1-status", "mine"):
            api.call("sagemaker", "CreateModelCard", ModelCardName=name, Content="{}", ModelCardStatus="Draft")
        assert probe("--cleanup", "--yes").output == f"removed card {PREFIX}1-status\n"
        assert probe("--cleanup", "--yes").output == "Nothing was left behind.\n"
        assert cleanup(api) == []
        assert api.call("sagemaker", "DescribeModelCard", ModelCardName="mine")["ModelCardVersion"] == 1


def test_leave_is_asked_for_and_nothing_happens_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        done = probe("--out", str(tmp_path / "facts.json"), answer="n\n")
        assert (done.return_value, (tmp_path / "facts.json").exists()) == (3, False)
        assert f"account {OWNER}, Region {REGION}?" in done.output
        assert left(ProbeApi(REGION)) == []


def test_a_refusal_that_proves_nothing_settles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
            raise CloudError(f"{service}:{operation} is not allowed", code="AccessDeniedException")

    facts = []
    with pytest.raises(CloudError):
        facts += list(Probe(Refusing()).run())
    assert all(fact.value is None for fact in facts)
