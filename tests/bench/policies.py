"""Rules against 1,000 cards of about 6 KB, beside loading the same files with PyYAML's CSafeLoader.

    python tests/bench/policies.py [FOLDER WITH policies/ AND cards/]

Prints CPU seconds, children included, and their ratio.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from cardops.model.findings import Location
from cardops.policy.evaluation import evaluate
from cardops.policy.facts import Facts, Subject, Subjects
from cardops.policy.files import Folder
from cardops.policy.loader import load_policies
from cardops.policy.summary import summarize
from cardops.strict_yaml.reader import load

NUMBER = 1_000


def main(root: Path) -> None:
    """Print the figures."""
    texts = [path.read_text("utf-8") for path in sorted((root / "cards").glob("*.yaml"))]
    texts = [text.replace("name: ", f"name: c{number}-", 1) for number in range(NUMBER) for text in texts][:NUMBER]
    loading, _ = cpu(lambda: [yaml.load(text, yaml.CSafeLoader) for text in texts])
    cards = [subject(load(text)) for text in texts]
    policies = load_policies(Folder(root))
    config = load((root / "cardops.yaml").read_bytes()).value
    facts = Facts(Subjects(cards), "2026-06-15", None, summarize(config, cards, dict))
    evaluating, findings = cpu(lambda: evaluate(policies, facts))
    size = sum(map(len, texts)) / NUMBER
    print(f"{NUMBER} cards of {size:,.0f} characters, {len(policies.rules)} rules, {len(findings)} findings")  # noqa: T201 - a script
    print(f"CSafeLoader {loading:.2f} s, rules {evaluating:.2f} s: {evaluating / loading:.2f}")  # noqa: T201 - a script


def subject(document: Any) -> Subject:
    """A card as a subject."""
    name = document.value["name"]
    path = f"cards/{name}.yaml"

    def place(where: Any, at_key: bool) -> Location:
        return Location(path, *document.place(where, "key" if at_key else "value"))

    return Subject("card", f"111111111111/eu-west-1/{name}", path, document.value, place, "shared-services")


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process and its children, and the result."""
    before = used()
    result = work()
    return used() - before, result


def used() -> float:
    """CPU seconds so far."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
