"""Wait, for a bounded time, for changes that AWS finishes by itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0


@dataclass(frozen=True, slots=True)
class Poller:
    """Poll until nothing is left or `longest` seconds have passed; report each wait."""

    told: Callable[[str], None] = lambda _: None
    pause: Callable[[float], None] = lambda seconds: time.sleep(seconds)
    longest: float = 120.0

    def until(self, look: Callable[[], str]) -> str:
        """Looks again and again until nothing is left to wait for; what still is after `longest` is returned."""
        pause, waited = FIRST_PAUSE, 0.0
        while (left := look()) and waited < self.longest:
            self.told(f"waiting for {left}, {waited:.0f} s so far")
            self.pause(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)
        return left
