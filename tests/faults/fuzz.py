"""`python fuzz.py TARGET SECONDS`: atheris throws documents at a target of `fuzzing`, led by what they reach."""

import json
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from typing import Any

import atheris

with atheris.instrument_imports(include=["cardops"]):
    import cardops

    for module in walk_packages(cardops.__path__, "cardops."):  # what is imported later would not be seen
        if not module.name.endswith("__main__"):
            import_module(module.name)

    from support.fuzz_targets import GOOD, ODD, POLICIES, SEEDS, TARGETS, places, with_value

ROOT = POLICIES.parent
TEXTS = {
    "repository": [GOOD, GOOD.parent / "bad", ROOT / "cards", ROOT / "shares"],
    "policies": [POLICIES],
}


def seeds(target: str) -> Iterator[bytes]:
    """Texts as people write them; and documents as JSON, which can be varied by what is in them."""
    for folder in TEXTS.get(target, ()):
        yield from (path.read_bytes() for path in sorted(folder.rglob("*.yaml")))
    for document in SEEDS[target]:
        yield json.dumps(document).encode()
        if "rules" in document:
            yield from (json.dumps({"rules": [rule]}).encode() for rule in document["rules"])


def at(document: Any, place: tuple[Any, ...]) -> Any:
    """What is at a place of a document."""
    for step in place:
        document = document[step]
    return document


def varied(document: Any, others: list[Any], random: Random) -> Any:
    """The document with something odd, or something of another one, at one place; or with a key less or another key."""
    place = random.choice(places(document))
    value, other = at(document, place), random.choice(others)
    taken = at(other, random.choice(places(other)))
    if isinstance(value, dict) and value and random.random() < 0.5:
        key = random.choice(list(value))
        new = random.choice(list(taken)) if isinstance(taken, dict) and taken else ""
        changed = {known: child for known, child in value.items() if known != key}
        return with_value(document, place, changed | ({new: value[key]} if new else {}))
    odd = [*ODD, None, True, 0, -1, 2**63, 10**30, 0.5, 1e308, float("nan"), str(value), [value], [value, value]]
    return with_value(document, place, random.choice([taken, random.choice(odd)]))


def mutator(target: str) -> Any:
    """Half the time other bytes, as libFuzzer makes them; else, where they are a document, another document."""
    others = [json.loads(seed) for document in SEEDS[target] for seed in [json.dumps(document)]]

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311 - any documents will do
        if random.random() < 0.5:
            try:
                document = json.loads(data)
                for _ in range(random.choice((1, 1, 2, 4))):
                    document = varied(document, others, random)
                changed = json.dumps(document).encode()
            except (ValueError, RecursionError):
                changed = b""
            if 0 < len(changed) <= most:
                return changed
        return atheris.Mutate(data, most)

    return mutate


if __name__ == "__main__":
    _, name, seconds = sys.argv
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-max_len=8192", "-len_control=0", "-timeout=20"]
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[name], custom_mutator=mutator(name))
        atheris.Fuzz()
