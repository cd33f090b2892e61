"""How many examples, seeds and kills the tests try: few in `make test`, more in `make test-slow`, most at night.

The environment variable HYPOTHESIS_PROFILE names the profile: dev (the default), ci or nightly.
"""

import os
from typing import TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")
PROFILES = {"dev": 25, "ci": 100, "nightly": 500}
"""Examples of a property that asks for no number of its own. An example has no deadline."""
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
DEV = PROFILE == "dev"
NIGHTLY = PROFILE == "nightly"


def register_profiles() -> None:
    """Register the three profiles with hypothesis and load the chosen one."""
    for name, number in PROFILES.items():
        settings.register_profile(name, max_examples=number, deadline=None)
    settings.load_profile(PROFILE)


def examples(number: int, *, health_checks: bool = True) -> settings:
    """Settings of a property that needs this many examples; in the profile dev at most 25."""
    suppressed = () if health_checks else tuple(HealthCheck)
    return settings(max_examples=min(number, PROFILES["dev"]) if DEV else number, suppress_health_check=suppressed)


def by_profile(dev: T, ci: T, nightly: T) -> T:
    """One of three values, for the profile."""
    return dev if DEV else nightly if NIGHTLY else ci
