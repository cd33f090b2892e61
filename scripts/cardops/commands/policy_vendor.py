"""Bring bundles of rules into policies/bundles/ and pin them in policies/bundles.lock.yaml."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cardops.commands.workspace import write_atomically
from cardops.desired.sources import CONFIG, WorkTree
from cardops.git.process import run_git
from cardops.git.trees import Tree
from cardops.model.errors import CardopsError, UsageError
from cardops.policy.files import BUNDLES, FOLDER, LOCK, Files, Folder, Source, kind_of
from cardops.policy.loader import load_policies
from cardops.policy.rules import Rule
from cardops.policy.vendored import digest_of
from cardops.strict_yaml.reader import load

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}").fullmatch
ABOUT = f"{FOLDER}/bundle.yaml"
BRINGS = ("rules", "pack", "vocabulary")


class Vendored(NamedTuple):
    """A bundle that was brought, and the ids of the rules that it adds, changes and removes."""

    name: str
    version: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def vendor(root: Path, names: Iterable[str] = (), dry_run: bool = False) -> list[Vendored]:
    """Bring the bundles that cardops.yaml names, or some of them, at the revisions that it names.

    Raises UsageError for a bundle that is declared wrongly, cannot be read, or has a rule of the wrong form.
    """
    declared = _declared(root)
    for name in names:
        if name not in declared:
            raise UsageError(f"There is no bundle {name!r} in {CONFIG}.", "add it under `bundles`")
    lock = _lock(root)
    wanted = list(names) or list(declared)
    done = []
    for name in wanted:
        files, source = _fetch(root, name, declared[name])
        version = _version(files)
        pinned = {path.removeprefix(f"{FOLDER}/"): text for path, text in files.items() if path != ABOUT}
        done.append(_compared(root, name, version, pinned))
        digests = {path: hashlib.sha256(text).hexdigest() for path, text in pinned.items()}
        entry = {"version": version, **source, "digest": digest_of(digests)}
        lock[name] = {key: value for key, value in entry.items() if value}
        if not dry_run:
            _write(root, name, pinned)
    if not dry_run:
        import yaml

        kept = {name: entry for name, entry in lock.items() if name in declared}
        for name in lock.keys() - kept.keys():
            shutil.rmtree(root / BUNDLES / name, ignore_errors=True)
        text = "# Written by `cardops policy vendor`. It pins the files of each bundle in policies/bundles/.\n"
        write_atomically(root / LOCK, text + yaml.safe_dump({"bundles": kept}, sort_keys=True))
    return done


def _declared(root: Path) -> dict[str, Mapping[str, str]]:
    value = load(WorkTree(root).read(CONFIG)).value
    entries = value.get("bundles", []) if isinstance(value, dict) else []
    found: dict[str, Mapping[str, str]] = {}
    for entry in entries if isinstance(entries, list) else []:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not NAME(name) or name in found:
            raise UsageError(f"Each of the bundles in {CONFIG} needs a name of its own.", "small letters and dashes")
        if ("path" in entry) == ("git" in entry) or ("git" in entry and "revision" not in entry):
            raise UsageError(f"The bundle {name} has to name either `path`, or `git` and `revision`.")
        found[name] = {key: str(part) for key, part in entry.items()}
    if not found:
        raise UsageError(f"{CONFIG} names no bundles.", "add bundles: [{name: NAME, git: URL, revision: TAG}]")
    return found


def _lock(root: Path) -> dict[str, Any]:
    try:
        value = load(Folder(root).read(LOCK)).value
    except (FileNotFoundError, CardopsError):
        return {}
    entries = value.get("bundles") if isinstance(value, dict) else None
    return dict(entries) if isinstance(entries, dict) else {}


def _fetch(root: Path, name: str, entry: Mapping[str, str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files of a bundle by their path in policies/, and where they came from."""
    if "path" in entry:
        source = root / entry["path"]
        if not (source / FOLDER).is_dir():
            raise UsageError(f"The bundle {name} has no folder {source / FOLDER}.")
        return _files(name, Folder(source)), {"path": entry["path"]}
    url, revision = entry["git"], entry["revision"]
    if url.startswith("-") or revision.startswith("-"):
        raise UsageError(f"The bundle {name} has an address or revision that begins with a dash.")
    with tempfile.TemporaryDirectory(prefix="cardops-bundle-") as place:
        copy = Path(place)
        run_git(copy, ["init", "-q"])
        run_git(copy, ["fetch", "-q", "--depth", "1", "--", url, revision])
        commit = run_git(copy, ["rev-parse", "FETCH_HEAD^{commit}"]).decode().strip()
        return _files(name, Tree(copy, commit, [FOLDER])), {"git": url, "revision": revision, "commit": commit}


def _files(name: str, source: Source) -> dict[str, bytes]:
    paths = [path for path in source.paths() if kind_of(path) in BRINGS or path == ABOUT]
    files = {path: source.read(path) for path in paths if not path.startswith(BUNDLES)}
    found = load_policies(Files({path: text for path, text in files.items() if path != ABOUT}))
    wrong = [one for one in found.findings if one.level == "deny"]
    if wrong or not found.rules:
        raise UsageError(f"The bundle {name} cannot be used: {wrong[0] if wrong else 'it has no rules'}.")
    return files


def _version(files: Mapping[str, bytes]) -> str:
    value = load(files[ABOUT]).value if ABOUT in files else {}
    return str(value.get("version", "")) if isinstance(value, dict) else ""


def _compared(root: Path, name: str, version: str, files: Mapping[str, bytes]) -> Vendored:
    here = {
        rule.id: _text(rule)
        for rule in load_policies(Folder(root)).rules.values()
        if rule.file.path.startswith(f"{BUNDLES}{name}/")
    }
    there = load_policies(Files({f"{FOLDER}/{path}": text for path, text in files.items()})).rules
    return Vendored(
        name,
        version,
        tuple(sorted(there.keys() - here.keys())),
        tuple(sorted(one for one in there.keys() & here.keys() if _text(there[one]) != here[one])),
        tuple(sorted(here.keys() - there.keys())),
    )


def _text(rule: Rule) -> object:
    return rule._replace(file=None, where=(), definitions={})  # type: ignore[arg-type] # only compared


def _write(root: Path, name: str, files: Mapping[str, bytes]) -> None:
    folder = root / BUNDLES / name
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
