"""All that decides about the result of a check besides the document itself, and where such results are kept."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cardops.cache.store import Cache, cache_folder, key_of

PACKAGE = Path(__file__).parents[1]
CODE = (
    "",
    "cache",
    "desired",
    "desired/checks",
    "desired/schema",
    "model",
    "policy",
    "schemas",
    "strict_yaml",
    "validation",
    "workers",
)
"""The folders of this package whose code takes part in checks of single cards."""
LIBRARIES = ("cel_expr_python", "jsonschema", "jsonschema_rs", "pyyaml", "ryaml")


def open_result_cache(root: Path, kind: str, *parts: str) -> Cache | None:
    """Open the results of earlier runs of this code with the same `parts`; None if there is no place to keep them."""
    place = cache_folder(root)
    return Cache(place, kind, key_of(_tool(place), *parts)) if place else None


@cache
def _tool(place: Path) -> str:
    """Changes with the code, the schemas and the libraries.

    What the code's files say is read anew when one of them is not what it was to the file system: as git knows that a
    file has changed, and more than Python asks for before it runs what it once compiled.
    """
    files = [(part, entry) for part in CODE for entry in os.scandir(PACKAGE / part)]
    code = sorted((part, entry.name, entry) for part, entry in files if entry.name.endswith((".py", ".json")))
    known = Cache(place, "code", key_of(*(_stamp(f"{part}/{name}", entry.stat()) for part, name, entry in code)))
    said = known.get("digest")
    if not isinstance(said, str):
        said = key_of(*(each for part, name, entry in code for each in (f"{part}/{name}", Path(entry).read_bytes())))
        known.put("digest", said)
        known.save()
    return key_of(said, *_versions())


def _stamp(name: str, about: os.stat_result) -> str:
    return f"{name} {about.st_ino} {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns}"


def _versions() -> Iterator[str]:
    """The names of the libraries' metadata folders hold their versions.

    importlib.metadata gives the same answer and takes half as long as all of a run in which nothing changed.
    """
    yield sys.version
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - a path object for each takes long
        except OSError:
            continue
        infos = [name for name in names if name.endswith("-info")]
        yield from sorted(name for name in infos if name.lower().startswith(LIBRARIES))
