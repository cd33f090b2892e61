"""The complete catalogue of built-in rule ids, from catalogue.json. An id is never used again for something else."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("catalogue.json")


class BuiltInRule(NamedTuple):
    """A rule that is built into cardops: what has to hold, why, how to fix a finding, and the version that has it."""

    id: str
    title: str
    why: str
    fix: str
    since: str


@cache
def built_in_rules() -> Mapping[str, BuiltInRule]:
    """Return every built-in rule by its id, in order."""
    return {name: BuiltInRule(name, **about) for name, about in json.loads(FILE.read_text("utf-8")).items()}


class _Titles(Mapping[str, str]):
    """The rules' titles by id; the catalogue is read when one is asked for."""

    def __getitem__(self, rule: str) -> str:
        return built_in_rules()[rule].title

    def __iter__(self) -> Iterator[str]:
        return iter(built_in_rules())

    def __len__(self) -> int:
        return len(built_in_rules())


TITLES: Mapping[str, str] = _Titles()


def reference() -> str:
    """Return docs/rules.md: every built-in rule with its reason and its fix."""
    lines = [
        "# Built-in rules",
        "",
        "These rules hold in every repository. No file in `policies/` changes them.",
        "`cardops policy explain ID` prints one.",
        "This page is generated from `scripts/cardops/model/catalogue.json`.",
    ]
    group = ""
    for rule in built_in_rules().values():
        if (kind := rule.id.partition("/")[0]) != group:
            group = kind
            lines += ["", f"## {group}"]
        lines += ["", f"### `{rule.id}`", "", f"{rule.title}.", "", f"{rule.why}", "", f"**Fix:** {rule.fix}"]
        lines += [f" Since {rule.since}."] if rule.since != "0.1.0" else []
    return "\n".join(lines) + "\n"
