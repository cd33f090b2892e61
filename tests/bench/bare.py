"""Bare boto3: the calls of a file, made again as they are. What cardops is held against; it imports nothing of it.

    python tests/bench/bare.py FILE THREADS

FILE has a line of JSON for each call: `{service, operation, parameters}`. An AssumeRole among them gives the
credentials of those after it. Answers are parsed by boto3 and dropped.
"""

import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name


def main(file: Path, threads: int) -> None:
    """As many calls at a time as there are threads."""
    with file.open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
        answer = boto3.client("sts").assume_role(**first["parameters"])["Credentials"]
        session = boto3.Session(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
        clients = {service: session.client(service) for service in ("sagemaker", "ram")}
        make(lines, clients, threads)


def make(lines: Iterable[str], clients: dict[str, Any], threads: int) -> None:
    """One after another in this thread, or many at a time."""
    if threads == 1:
        for line in lines:
            call(clients, line)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(partial(call, clients), lines):
            pass


def call(clients: dict[str, Any], line: str) -> None:
    """One call."""
    what = json.loads(line)
    getattr(clients[what["service"]], xform_name(what["operation"]))(**what["parameters"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
