"""The repositories of fixtures/bad, each laid over fixtures/good."""

import shutil
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
BAD = FIXTURES / "bad"
CASES = sorted(path.parent.relative_to(BAD).as_posix() for path in BAD.rglob("expected.txt"))


def overlaid(case: str, target: Path) -> Path:
    root = Path(shutil.copytree(FIXTURES / "good", target / "repository"))
    shutil.copytree(BAD / case, root, dirs_exist_ok=True)
    (root / "expected.txt").unlink()
    for mark in root.rglob("*.removed"):
        mark.with_suffix("").unlink()
        mark.unlink()
    return root
