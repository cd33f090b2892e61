"""Check what GitHub has to enforce: rulesets of the default branch and of the ledger.

Source: GitHub's REST API, "Rules": `rules/branches/BRANCH` lists the active rules of a branch, each with its ruleset.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cardops.git.ledger import DEFAULT_BRANCH
from cardops.github.client import GitHub

Rules = Mapping[str, list[dict[str, Any]]]


class Setting(NamedTuple):
    """One thing that a ruleset has to say; `fix` is what to do where it does not."""

    ok: bool
    what: str
    fix: str


REVIEWS = (
    ("dismiss_stale_reviews_on_push", "A push dismisses approvals", "Dismiss stale pull request approvals"),
    ("require_last_push_approval", "Somebody other than the last pusher approves", "Require approval of the last push"),
    ("require_code_owner_review", "Owners of the changed files approve", "Require review from Code Owners"),
)
LEDGER = (
    ("creation", "Restrict creations"),
    ("update", "Restrict updates"),
    ("deletion", "Restrict deletions"),
    ("non_fast_forward", "Block force pushes"),
)


def check_settings(github: GitHub, ledger: str = DEFAULT_BRANCH) -> list[Setting]:
    """Read the rules of both branches. Raises GitHubError."""
    branch = str(github.get("")["default_branch"])
    return [*_main(branch, _rules(github, branch)), *_ledger(github, ledger, _rules(github, ledger))]


def _rules(github: GitHub, branch: str) -> Rules:
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in github.all(f"rules/branches/{branch}"):
        found.setdefault(str(rule["type"]), []).append(rule)
    return found


def _main(branch: str, rules: Rules) -> Iterator[Setting]:
    pulls = [rule.get("parameters") or {} for rule in rules.get("pull_request", [])]
    count = max((int(one.get("required_approving_review_count", 0)) for one in pulls), default=0)
    yield Setting(count > 0, f"{branch}: a pull request with an approval is required", _ask(branch, "a pull request"))
    for key, what, name in REVIEWS:
        yield Setting(any(one.get(key) for one in pulls), f"{branch}: {what.lower()}", _ask(branch, name))
    checks = [rule.get("parameters") or {} for rule in rules.get("required_status_checks", [])]
    named = [one for rule in checks for one in rule.get("required_status_checks", [])]
    for wanted in ("validate", "plan"):
        found = [one for one in named if wanted in str(one["context"])]
        yield Setting(bool(found), f"{branch}: the check {wanted} is required", _ask(branch, f"the check {wanted}"))
        bound = bool(found) and all(one.get("integration_id") for one in found)
        yield Setting(
            bound, f"{branch}: only GitHub Actions reports the check {wanted}", "Set the source of the check."
        )
    strict = any(one.get("strict_required_status_checks_policy") for one in checks)
    fix = f"Require branches to be up to date, or a merge queue, in a ruleset of {branch}."
    yield Setting(strict or "merge_queue" in rules, f"{branch}: what is merged was checked as it is merged", fix)
    yield Setting(
        "non_fast_forward" in rules, f"{branch}: force pushes are blocked", _ask(branch, "Block force pushes")
    )


def _ledger(github: GitHub, branch: str, rules: Rules) -> Iterator[Setting]:
    for kind, name in LEDGER:
        yield Setting(kind in rules, f"{branch}: {name.lower()}", _ask(branch, name))
    sets = {int(rule["ruleset_id"]) for kind in rules.values() for rule in kind}
    actors = [one for number in sorted(sets) for one in github.get(f"rulesets/{number}").get("bypass_actors") or ()]
    alone = bool(actors) and all(one["actor_type"] == "Integration" for one in actors)
    fix = (
        f"Let only cardops' GitHub App bypass the ruleset of {branch}. The workflow's own token cannot be let past it."
    )
    yield Setting(alone, f"{branch}: the App alone may write", fix)


def _ask(branch: str, name: str) -> str:
    return f"Require it in a ruleset of {branch}: {name}."
