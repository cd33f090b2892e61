"""`python fuzz.py TARGET SECONDS`: atheris throws bytes at a target of `fuzzing`, led by what they reach in cardops."""

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cardops"]):
    from faults.fuzzing import TARGETS
    from faults.test_hostile_input import SEEDS

if __name__ == "__main__":
    _, name, seconds = sys.argv
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_text(json.dumps(seed), "utf-8")
        options = [f"-max_total_time={seconds}", "-max_len=8192", "-timeout=20"]
        atheris.Setup([sys.argv[0], *options, corpus], TARGETS[name])
        atheris.Fuzz()
