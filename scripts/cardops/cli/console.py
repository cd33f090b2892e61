"""What long work says about itself: plain lines on standard error."""

import click


def log(message: str) -> None:
    """One line of progress."""
    click.echo(click.style(message, dim=True), err=True)
