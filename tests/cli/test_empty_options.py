"""An option or argument that is given and empty is wrong usage, for every command: it never counts as not given."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cardops.cli.app import COMMANDS, app, run
from cardops.cli.options import Command, FilePath, Group
from cardops.model.errors import ExitCode

CONTEXT = click.Context(app)


def walk() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words."""
    for name in COMMANDS:
        found = app.get_command(CONTEXT, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from (((name, inner), one) for inner, one in found.commands.items())
        else:
            yield (name,), found


def parameters() -> Iterator[tuple[tuple[str, ...], click.Command, click.Parameter]]:
    for words, command in walk():
        for one in command.params:
            if not (isinstance(one, click.Option) and (one.is_flag or one.count)):
                yield words, command, one


def required(command: click.Command, besides: click.Parameter) -> list[str]:
    """What else the command line needs, so that nothing but the empty value is wrong."""
    given: list[str] = []
    for one in command.params:
        if one is besides or not one.required:
            continue
        if isinstance(one, click.Option):
            given.append(one.opts[0])
        choices = getattr(one.type, "choices", None)
        path = isinstance(one.type, FilePath) and ("." if one.type.dir_okay else __file__)
        given.append(choices[0] if choices else path or "1")
    return given


PARAMETERS = list(parameters())


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize(
    ("words", "command", "parameter"), PARAMETERS, ids=[f"{' '.join(w)} {p.name}" for w, _, p in PARAMETERS]
)
def test_an_empty_value_is_wrong_usage(
    words: tuple[str, ...],
    command: click.Command,
    parameter: click.Parameter,
    blank: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr(command, "callback", lambda **_: pytest.fail("the command ran"))
    named = [parameter.opts[-1]] if isinstance(parameter, click.Option) else []
    assert run([*words, *required(command, parameter), *named, blank]) == ExitCode.USAGE
    said = capsys.readouterr().err
    refusals = ("is empty", "is not a valid", "is not one of", "is not '", "YYYY-MM-DD")
    assert any(words in said for words in refusals), said


def test_every_command_refuses_them() -> None:
    """A command of another class would let them pass."""
    for name in COMMANDS:
        found = app.get_command(CONTEXT, name)
        assert isinstance(found, Command | Group), name
    for words, command in walk():
        assert isinstance(command, Command), words
        for one in command.params:
            assert not isinstance(one.type, click.Path) or isinstance(one.type, FilePath), (words, one.name)


def test_what_is_not_given_is_no_fault(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "new")]) == ExitCode.DONE
