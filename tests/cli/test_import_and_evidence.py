"""The commands in process: findings, wrong usage, and what is not written then."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cardops.cli.app import run
from support.workspace import CONFIG, FACTS

REPORTS = Path(__file__).parents[1] / "fixtures" / "reports"
OWNER, REGION = "111111111111", "eu-west-1"
CARD = "name: churn\nstatus: Draft\nowner: team-a\ncontent:\n  intended_uses: {risk_rating: Low}\n"

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one card, as the working folder."""
    folder = tmp_path / "repository"
    (folder / "cards").mkdir(parents=True)
    (folder / "cardops.yaml").write_text(CONFIG)
    (folder / "aws-facts.json").write_text(FACTS)
    (folder / "cards/churn.yaml").write_text(CARD)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command line: exit code, and all that it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"scores": "high"}',
            "report.json:1:1: evidence/unknown-report deny: this is not an evaluation report: it has",
        ),
        ('{\n "a": }', "report.json:2:7: file/not-json deny: this is not valid JSON"),
        ('{"regression_metrics": {"mae": "secret"}}', "evidence/nothing-mapped deny: no metric could be mapped: reg"),
    ],
)
def test_a_report_that_gives_nothing_is_a_finding(root: Path, command: Command, text: str, said: str) -> None:
    (root / "report.json").write_text(text)
    code, printed = command("evidence", "add", "churn", "report.json")
    assert code == 1
    assert said in printed
    assert "secret" not in printed
    assert (root / "cards/churn.yaml").read_text() == CARD


def test_evidence_that_would_make_the_card_invalid_is_not_written(root: Path, command: Command) -> None:
    rows = [{"name": f"m{n}", "type": "string", "value": "x" * 60} for n in range(1500)]
    (root / "report.json").write_text(json.dumps({"metric_groups": [{"name": "all", "metric_data": rows}]}))
    code, printed = command("evidence", "add", "churn", "report.json")
    assert code == 1
    assert "content/too-long deny" in printed
    assert "cards/churn.yaml: nothing was written, since it would not be valid" in printed
    assert (root / "cards/churn.yaml").read_text() == CARD


def test_evidence_in_a_live_section_says_that_the_live_card_keeps_its_own(root: Path, command: Command) -> None:
    (root / "cards/churn.yaml").write_text(CARD + "live_sections: [evaluation_details]\n")
    _, printed = command("evidence", "add", "churn", str(REPORTS / "regression.json"))
    assert "note: live_sections names evaluation_details" in printed


@pytest.mark.parametrize(
    ("name", "report", "more", "said"),
    [
        ("chrun", "binary", (), "No valid card named 'chrun' is declared. (hint: Did you mean 'churn'?)"),
        ("churn", "absent", (), "absent.json cannot be read: No such file or directory"),
        ("churn", "binary", ("--evaluation", "e" * 64), "an evaluation's name has 1 to 63 characters"),
        ("churn", "binary", ("--evaluation", ""), "--evaluation is empty. Pass a value, or leave it out."),
        ("*", "binary", (), "No valid card named '*' is declared."),
    ],
)
def test_wrong_usage_of_evidence(
    root: Path, command: Command, name: str, report: str, more: tuple[str, ...], said: str
) -> None:
    code, printed = command("evidence", "add", name, str(REPORTS / f"{report}.json"), *more)
    assert code == 64
    assert said in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--into", "/"], "no cardops.yaml in / or above (hint: pass --home and --region"),
        (["--into", "new", "--home", "12", "--region", REGION], "'12' is not an account id"),
        (["--into", "new", "--home", OWNER], "--home and --region go together"),
        (["--home", OWNER, "--region", REGION], "leave out --home, and use --account"),
        (["--account", "absent"], "Account 'absent' is not declared in cardops.yaml."),
        (["--name", "x"], "--name goes with --from"),
        (["--from", "x.json", "--home", OWNER], "--from reads no account"),
        (["--from", "x.json"], "x.json cannot be read"),
        (["--from", "x.json", "--name", "a b"], "'a b' is not a valid name"),
        (["--owner", "o" * 129], "an owner has 1 to 128 characters"),
    ],
)
def test_wrong_usage_of_import(root: Path, command: Command, arguments: list[str], said: str) -> None:
    code, printed = command("import", *arguments)
    assert code == 64
    assert said in printed
    assert not (root / "new").exists()


@pytest.mark.parametrize(
    ("document", "more", "code", "said"),
    [
        ({"model_overview": {"model_owner": "a"}}, (), 64, "does not name its card (hint: pass --name)"),
        (
            {"a": 1},
            (),
            1,
            "new.json:1:1: import/unknown-file deny: this file does not describe a model card (hint: looked for: ",
        ),
        ({"model_overview": {"model_name": "churn"}}, (), 1, "cards/churn.yaml:1:1: import/exists deny"),
    ],
)
def test_a_file_that_gives_no_new_card_writes_nothing(
    root: Path, command: Command, document: object, more: tuple[str, ...], code: int, said: str
) -> None:
    (root / "new.json").write_text(json.dumps(document))
    found, printed = command("import", "--from", "new.json", *more)
    assert found == code
    assert said in printed
    assert [path.name for path in (root / "cards").iterdir()] == ["churn.yaml"]
    assert (root / "cards/churn.yaml").read_text() == CARD


def test_a_file_that_cannot_be_read_is_not_overwritten_either(root: Path, command: Command) -> None:
    (root / "cards/churn.yaml").write_text("name: [")
    (root / "new.json").write_text(json.dumps({"model_overview": {"model_name": "churn"}}))
    code, printed = command("import", "--from", "new.json")
    assert code == 1
    assert "cards/churn.yaml:1:1: import/exists deny" in printed
    assert (root / "cards/churn.yaml").read_text() == "name: ["


def test_a_name_that_another_file_declares_is_not_declared_twice(root: Path, command: Command) -> None:
    (root / "cards/churn.yaml").rename(root / "cards/other.yaml")
    (root / "new.json").write_text(json.dumps({"model_overview": {"model_name": "churn"}}))
    code, printed = command("import", "--from", "new.json")
    assert code == 1
    assert "cards/other.yaml:1:1: import/exists deny" in printed
    assert not (root / "cards/churn.yaml").exists()


def test_an_import_reports_as_json(root: Path, command: Command) -> None:
    (root / "new.json").write_text(json.dumps({"model_overview": {"model_name": "new one", "x": 1}}))
    code, printed = command("import", "--from", "new.json", "--format", "json")
    assert code == 0
    assert json.loads(printed) == {
        "version": 1,
        "written": ["cards/new-one.yaml"],
        "left": [
            {
                "what": "content.model_overview.x",
                "why": "unknown key 'x' in content.model_overview",
            }
        ],
        "findings": [],
    }
    assert yaml.safe_load((root / "cards/new-one.yaml").read_text())["status"] == "Draft"
