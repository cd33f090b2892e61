"""Sandboxes with options, each with a lab."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cardops.sandbox.core.server import Sandbox
from cardops.sandbox.options import Options
from support.apply_sandbox import ApplySandbox, MakeApplySandbox
from support.builders import OWNER, REGION


@pytest.fixture
def make_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeApplySandbox]:
    """Starts a sandbox with these options; it takes customer managed permissions unless they say otherwise."""
    with ExitStack() as stack:

        def make(**options: Any) -> ApplySandbox:
            lab = ApplySandbox(
                stack.enter_context(Sandbox(options=Options(**{"customer_permissions": True, **options})))
            )
            monkeypatch.setenv("AWS_ENDPOINT_URL", lab.url)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"AKIA{OWNER}0000")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
            monkeypatch.setenv("AWS_REGION", REGION)
            return lab

        yield make


@pytest.fixture
def lab(make_lab: MakeApplySandbox) -> ApplySandbox:
    """The likely AWS, but that it takes customer managed permissions."""
    return make_lab()
