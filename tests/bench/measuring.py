"""What a command took: seconds, CPU seconds with its children, and peak memory summed over its processes."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """`wall` and `cpu` in seconds, `memory` in MiB: the largest sum of what its processes held at one time."""

    wall: float
    cpu: float
    memory: float
    code: int
    out: str

    def over(self, other: "Cost") -> str:
        """How many times as much as another: wall, and CPU."""
        return f"{self.wall / other.wall:.2f} × wall, {self.cpu / other.cpu:.2f} × CPU"


def run(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Runs a command to its end. What it imports may be kept compiled, as everywhere but in some shells."""
    variables = {**os.environ, **(environment or {})}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = _used(), time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    peak = _Peak(process.pid)
    out, _ = process.communicate()
    wall = time.perf_counter() - start
    return Cost(wall, _used() - before, peak.stop(), process.returncode, out.decode("utf-8", "replace"))


def best(command: Sequence[str], cwd: Path, times: int = 3, environment: Mapping[str, str] | None = None) -> Cost:
    """The run that took the least CPU time: others at work on the machine only ever add."""
    return min((run(command, cwd, environment) for _ in range(times)), key=lambda cost: cost.cpu)


class _Peak:
    """Looks every INTERVAL at what a process and its descendants hold, shared pages divided among them."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._over = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._over.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            self._peak = max(self._peak, sum(_held(pid) for pid in _family(self._pid)))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            for thread in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
        except OSError:
            continue
    return found


def _held(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
