"""`python fuzz.py TARGET SECONDS`: atheris throws bytes at a target of `fuzzing`, led by what they reach in cardops."""

import sys

import atheris

with atheris.instrument_imports(include=["cardops"]):
    from faults.fuzzing import TARGETS

if __name__ == "__main__":
    _, name, seconds = sys.argv
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20"], TARGETS[name])
    atheris.Fuzz()
