"""The wheel holds all that cardops needs to run on somebody else's repository."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python with arguments, in an environment of its own."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_runs_on_another_repository(tmp_path: Path) -> None:
    source, wheels, site = tmp_path / "source", tmp_path / "wheels", tmp_path / "site"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if name.startswith("scripts/") or name in ("pyproject.toml", "README.md"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    path = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    built = run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), cwd=source, **path)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = wheels.glob("cardops-*.whl")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    assert run(*pip, cwd=tmp_path, **path).returncode == 0

    cardops, elsewhere = str(site / "bin" / "cardops"), tmp_path / "governance"
    isolated = path | {"PYTHONPATH": str(site)}
    started = run(cardops, "init", str(elsewhere), "--home", "123456789012", cwd=tmp_path, **isolated)
    assert started.returncode == 0, started.stderr
    assert run(cardops, "new", "card", "churn", "--owner", "team-a", cwd=elsewhere, **isolated).returncode == 0
    checked = run(cardops, "validate", cwd=elsewhere, **isolated)
    assert checked.returncode == 0, checked.stdout
    assert "1 cards and 0 shares considered of 1 and 0 declared: no findings" in checked.stdout
    where = run("-c", "import cardops; print(cardops.__file__)", cwd=elsewhere, **isolated)
    assert where.stdout.strip() == str(site / "cardops" / "__init__.py")
