"""Every folder of fixtures/bad with an expected.txt is a case: its files lie over fixtures/good (`x.removed` takes x
away), and its findings are exactly the lines of expected.txt, `path:line:column rule`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cardops.desired.documents import DeclaredFile, read_file
from cardops.desired.loader import load_repository
from cardops.desired.schema.explain import explain
from cardops.desired.schema.validator import check, schema
from cardops.desired.sources import WorkTree, kind_of
from cardops.model.catalogue import TITLES
from support.bad_repositories import BAD, CASES, FIXTURES, overlaid
from support.emitted_rules import emitted


def documents(root: Path) -> Iterator[DeclaredFile]:
    tree = WorkTree(root)
    for path in tree.paths():
        if kind := kind_of(path):
            yield read_file(tree, path, kind)


def test_there_are_many_ways_to_be_wrong() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_findings_are_exactly_those_expected(case: str, tmp_path: Path) -> None:
    findings = load_repository(WorkTree(overlaid(case, tmp_path))).findings
    assert [f"{f.location} {f.rule}" for f in findings] == (BAD / case / "expected.txt").read_text().splitlines()
    assert {f.rule for f in findings} <= TITLES.keys()


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith("all-")])
def test_a_case_breaks_the_rule_that_it_is_named_after(case: str) -> None:
    rule = case.rpartition("/")[0]
    assert rule in {line.split()[1] for line in (BAD / case / "expected.txt").read_text().splitlines()}


def test_every_rule_has_a_case() -> None:
    by_day = {"ignore/expired", "share/expired", "share/expires-soon"}
    by_size = {"file/more-findings", "file/unreadable", "yaml/too-large"}
    tested_elsewhere = by_day | by_size | {"schema/invalid", "read-only/copy-name-taken"}
    assert {case.rpartition("/")[0] for case in CASES} >= emitted(["desired", "strict_yaml"]) - tested_elsewhere


@pytest.mark.parametrize("case", CASES)
def test_both_validators_agree(case: str, tmp_path: Path) -> None:
    for file in documents(overlaid(case, tmp_path)):
        if file.document is not None:
            explained = explain(file.kind, schema(file.kind), file.value)
            unexplained = [problem.rule for problem in explained] == ["schema/invalid"]
            assert check(file.kind, file.value) == ([] if unexplained else explained)


def test_the_good_repository_has_no_findings() -> None:
    loaded = load_repository(WorkTree(FIXTURES / "good"))
    assert loaded.findings == []
    assert loaded.considered == loaded.declared == (1, 1)


def scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from scalars(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith(("schema/", "content/"))])
def test_messages_hold_no_content(case: str, tmp_path: Path) -> None:
    root = overlaid(case, tmp_path)
    contents = [
        file.value["content"] for file in documents(root) if isinstance(file.value, dict) and "content" in file.value
    ]
    secret = {text for text in scalars(contents) if len(text) > 20}
    for finding in load_repository(WorkTree(root)).findings:
        assert not [text for text in secret if text in finding.message + finding.hint]
