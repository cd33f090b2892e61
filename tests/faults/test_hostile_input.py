"""Whatever stands in a file: findings or a clean error, in bounded time and memory."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardops.desired.loader import load_repository
from cardops.policy.files import Files
from support.fuzz_targets import (
    ODD,
    SEEDS,
    TARGETS,
    good_files,
    places,
    plan_file,
    policies,
    repository,
    reviews,
    with_value,
)
from support.profiles import NIGHTLY, examples
from support.workspace import SCRIPTS

EXAMPLES = 2000 if NIGHTLY else 60
HOSTILE = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(ODD)
    | st.text(max_size=5)
)


@st.composite
def broken(draw: st.DrawFn, target: str) -> bytes:
    """A good document with hostile values at one or two places, or with bytes cut out of it or put into it."""
    document = draw(st.sampled_from(SEEDS[target]))
    for _ in range(draw(st.integers(0, 2))):
        document = with_value(document, draw(st.sampled_from(places(document))), draw(HOSTILE))
    text = json.dumps(document).encode()
    for _ in range(draw(st.integers(0, 2))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
        text = text[:at] + draw(st.binary(max_size=3)) + text[at + length :]
    return text


@pytest.mark.parametrize("target", TARGETS)
def test_a_good_document_with_something_hostile_in_it_is_told_or_read(target: str) -> None:
    @settings(examples(EXAMPLES), derandomize=True, database=None)
    @given(broken(target))
    def check(data: bytes) -> None:
        TARGETS[target](data)

    check()


BOMBS = {
    "large": b"name: " + b"a" * 10_000_000,
    "deep flow": b"[" * 10_000 + b"]" * 10_000,
    "deep flow object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep block": b"\n".join(b" " * n + b"a:" for n in range(1_000)),
    "aliases": b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(40)),
    "nul": b"name: a\x00b\n",
    "not utf-8": b"name: \xff\xfe\xfa\n",
    "utf-16": "name: a\n".encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbfname: a\n",
    "carriage returns": b"name: a\r\nstatus: Draft\r\n",
    "huge integer": b"a: " + b"9" * 100_000,
    "huge exponent": b"a: 1e999999999\n",
    "not a number": b'{"version": NaN, "number": Infinity}',
    "one name twice": "é: 1\ne\u0301: 2\n".encode(),
    "many keys": b"".join(b"k%d: v\n" % n for n in range(20_000)),
    "many documents": b"---\na: 1\n" * 1_000,
    "a long line of dashes": b"- " * 20_000,
    "a long line of brackets": b"a: " + b"[" * 1_000_000,
    "a long line of stars": b"a: " + b"x *b" * 250_000,
    "empty": b"",
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("throw", [repository, policies, plan_file, reviews], ids=lambda throw: throw.__name__)
def test_a_bomb_does_no_harm(throw: Callable[[bytes], None], name: str) -> None:
    throw(BOMBS[name])


def test_a_tag_in_a_decomposed_unicode_form_is_refused_so_no_two_tags_look_alike() -> None:
    files = good_files()
    path = next(path for path in files if path.startswith("cards/"))
    twice = files[path] + 'tags: {"é": "1", "e\u0301": "2"}\n'.encode()
    found = load_repository(Files(files | {path: twice})).findings
    assert [(finding.rule, finding.location.path) for finding in found] == [("tags/characters", path)]


def test_links_pipes_and_bombs_are_findings_within_bounds_of_time_and_memory(tmp_path: Path) -> None:
    """One run of the real command over all of them, with a limit of memory and of processor time."""
    root = tmp_path / "repository"
    for path, data in good_files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for number, data in enumerate(BOMBS.values()):
        (root / f"cards/bomb-{number}.yaml").write_bytes(data)
    (tmp_path / "outside.yaml").write_text("name: outside\nmarker: SECRET-OUTSIDE\n")
    (root / "cards/link.yaml").symlink_to("../../outside.yaml")
    (root / "cards/device.yaml").symlink_to("/dev/zero")
    os.mkfifo(root / "cards/pipe.yaml")
    (root / "cards/folder.yaml").mkdir()

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    done = subprocess.run(
        [sys.executable, "-m", "cardops", "validate", "-C", str(root), "--format", "json"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=limits,
    )
    assert done.returncode == 1, done.stderr[-2000:]
    found = json.loads(done.stdout)["findings"]
    told = {finding["path"] for finding in found}
    names = [f"bomb-{number}" for number in range(len(BOMBS))]
    assert {f"cards/{name}.yaml" for name in [*names, "link", "device", "pipe", "folder"]} <= told
    assert "SECRET-OUTSIDE" not in done.stdout + done.stderr
