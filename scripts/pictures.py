"""The pictures of docs/: real output of a plan and of its comment, for the demo's first card on its way to Approved."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

import demo
import demo_stage as stage

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
WIDTH = 118
FONTS = re.compile(r"@font-face \{.*?\}\s*|<!-- Generated .*?-->\s*", re.DOTALL)
FOLD = re.compile(r"<details><summary>(.*?)</summary>.*?</details>", re.DOTALL)
COLOURED = """\
import sys
import click.utils
from cardops.cli.app import run
click.utils.should_strip_ansi = lambda *_: False
sys.exit(run(sys.argv[1:]))
"""
CARD = f"cards/{stage.CARD}.yaml"


def main() -> int:
    """Runs the demo's repository up to the pull request that approves the card, and draws what it shows."""
    demo.clone()
    with stage.sandbox() as url:
        story = stage.Story(url)
        stage.console.quiet = True
        story.git("init", "-q", "-b", "main")
        _commit(story, "Draft")
        demo.prepare(story)
        story.apply()
        _commit(story, "PendingReview")
        story.apply()
        story.git("checkout", "-q", "-b", "approve")
        _commit(story, "Approved")
        PICTURES.mkdir(parents=True, exist_ok=True)
        plan = _output(story, "plan", "--against", "main")
        comment = _output(story, "plan", "--against", "main", "--format", "markdown")
    _draw("plan", "cardops plan", Text.from_ansi(plan))
    _draw("comment", "The comment on the pull request", *_shown(comment))
    return 0


def _commit(story: stage.Story, status: str) -> None:
    path = stage.SCRATCH / CARD
    path.write_text(re.sub(r"^status: \w+", f"status: {status}", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    story.git("add", "-A")
    story.git("commit", "-q", "--allow-empty", "-m", status)


def _output(story: stage.Story, *arguments: str) -> str:
    """Return the output of a command as a terminal would show it, colours included."""
    environment = story.environment | {"PYTHONPATH": str(stage.ROOT / "scripts")}
    command = [sys.executable, "-c", COLOURED, *arguments]
    done = subprocess.run(command, cwd=stage.SCRATCH, env=environment, capture_output=True, text=True, check=False)
    if not done.stdout:
        stage.fail(done.stderr)
    return done.stdout


def _shown(comment: str) -> Iterator[Markdown]:
    """As GitHub shows it at first: folds are closed, and what is a remark to programs is not seen."""
    text = FOLD.sub(lambda found: f"\n▸ {re.sub('<.*?>', '', found[1])}\n", comment)
    yield Markdown(re.sub(r"<!--.*?-->", "", text))


def _draw(name: str, title: str, *parts: Text | Markdown) -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for part in parts:
        console.print(part)
    svg = console.export_svg(title=title, unique_id=f"cardops-{name}")
    (PICTURES / f"{name}.svg").write_text(FONTS.sub("", svg), encoding="utf-8")
    stage.console.quiet = False
    stage.console.print(f"{PICTURES / name}.svg")


if __name__ == "__main__":
    sys.exit(main())
