"""Command dispatch and top-level error handling."""

import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from keyword import iskeyword

import click

from cardops import __version__
from cardops.cli.console import print_findings
from cardops.model.errors import CardopsError, ExitCode
from cardops.model.findings import InvalidConfigError
from cardops.render.escape import escape_invisible

COMMANDS = {
    "validate": "check cards, shares and cardops.yaml, without AWS",
    "plan": "show what apply would change in AWS",
    "apply": "make AWS what git declares",
    "brake": "stop access, or an approval, at once and until it is released",
    "policy": "test, list, explain and replay the rules of policies/",
    "status": "list every card with its owner, risk, sign-off and readers",
    "drift": "show what changed in AWS behind git's back",
    "history": "show the versions of a card, their commits and their sign-offs",
    "why": "say what holds a card, since when, and who acts next",
    "pull": "write live contributions into the files, or onto a branch",
    "access": "show who can see and write which card, and try it",
    "iam": "print the policies that each role needs, and a template for the roles",
    "import": "write files for what an account, or a file from elsewhere, holds",
    "evidence": "add evaluation reports to cards",
    "init": "start a repository",
    "new": "start a card or a share",
    "move": "another name, account or region: a new card, the old one archived",
    "doctor": "check what this machine, repository and set of roles lack",
    "ci": "talk to GitHub for the workflows",
    "sandbox": "run a local AWS on loopback",
    "probe": "find out in your account what AWS leaves open",
}


ALIASES = {"list": "status"}


class LazyGroup(click.Group):
    """Imports a command only when it is asked for: start-up is what people feel."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command's module has its name (with `_` where Python reserves it), and a `command`."""
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"cardops.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command, and suggest one for a name that is not known. Raises click.UsageError."""
        close = [] if args[0] in (*COMMANDS, *ALIASES) else get_close_matches(args[0], COMMANDS, 1)
        if close:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {close[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cardops")
@click.pass_context
def app(context: click.Context) -> None:
    """GitOps and policy-as-code for SageMaker model cards and their RAM shares.

    \b
    Example:
      cardops validate && cardops plan
    """
    if plain():
        context.color = False


def plain() -> bool:
    """No colours: in CI, for NO_COLOR and for a dumb terminal. Where no terminal is, click leaves them out itself."""
    return bool(os.environ.get("NO_COLOR") or os.environ.get("CI")) or os.environ.get("TERM") == "dumb"


def run(arguments: Sequence[str] | None = None, name: str = "cardops") -> int:
    """Runs a command line and returns its exit code; never raises."""
    try:
        code = app.main(args=arguments, prog_name=name, standalone_mode=False)
        return int(code or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as problem:
        problem.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; run the same command again to go on", err=True)
        return ExitCode.INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return ExitCode.USAGE
    except InvalidConfigError as problem:
        print_findings(problem.findings)
        return _failed(problem)
    except CardopsError as problem:
        return _failed(problem)
    except SystemExit:  # how click ends when nobody reads what is printed; it would say 1, which means findings
        return ExitCode.INCOMPLETE
    except OSError as problem:
        return _refused(problem)
    except Exception as bug:
        return _report(bug)


def _failed(problem: CardopsError) -> int:
    color = False if plain() else None
    click.echo(f"{click.style('error', fg='red')}: {escape_invisible(str(problem))}", err=True, color=color)
    return problem.exit_code


def _refused(problem: OSError) -> int:
    """A full disk, a file that may not be written: nobody's bug."""
    file = f": {problem.filename}" if isinstance(problem.filename, str) else ""
    reason = os.strerror(problem.errno) if problem.errno else type(problem).__name__
    click.echo(f"error: {escape_invisible(reason + file)} (hint: make room or access, then run it again)", err=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what could not be printed is tried once more at the end
    return ExitCode.INCOMPLETE


def _report(bug: Exception) -> int:
    """A bug's trace goes to a file, without its message: that could hold content."""
    frames = "".join(traceback.format_tb(bug.__traceback__))
    with tempfile.NamedTemporaryFile("w", prefix="cardops-bug-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(f"cardops {__version__}, Python {sys.version}\n{type(bug).__qualname__}\n{frames}")
    click.echo(f"this is a bug in cardops ({type(bug).__name__}); its report is {file.name}", err=True)
    return ExitCode.BUG
