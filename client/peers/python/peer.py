"""The experiment on DBOS for Python.

    peer.py measure     the two workflows WARMUP + N times; prints a line of JSON
    peer.py fill        N workflows such as a program leaves behind

Environment: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, N, WARMUP, SIZES (bytes,
by commas), VARIANT:
  bytes         bytes, the default serializer: base64 of the pickle
  bytes-noping  the same, without the pool's query before each use of a connection
  base64        base64 text, the default serializer: base64 of the pickle of base64
  portable      base64 text, the SDK's portable JSON as the configured serializer
"""

import base64
import importlib.metadata
import json
import os
import sys
import time
from urllib.parse import quote

from dbos import DBOS, DBOSPortableJSONSerializer

ENV = os.environ
VARIANT = ENV.get("VARIANT", "bytes")
N = int(ENV.get("N", 10))
WARMUP = int(ENV.get("WARMUP", 3))
SIZES = [int(s) for s in ENV.get("SIZES", "1,10,100,1000,10000,100000,1000000").split(",")]
TEXT = VARIANT in ("base64", "portable")

config = {
    "name": "peers",
    "system_database_url": "postgresql://{}:{}@{}:{}/{}".format(
        ENV["PGUSER"], quote(ENV.get("PGPASSWORD", "")), ENV["PGHOST"], ENV["PGPORT"], ENV["PGDATABASE"]
    ),
    "log_level": "CRITICAL",
    "run_admin_server": False,
}
if VARIANT == "portable":
    config["serializer"] = DBOSPortableJSONSerializer()
elif VARIANT == "bytes-noping":
    config["db_engine_kwargs"] = {"pool_pre_ping": False}
elif VARIANT not in ("bytes", "base64"):
    sys.exit(f'no variant "{VARIANT}"')
DBOS(config=config)


def value_of(raw):
    return base64.b64encode(raw).decode("ascii") if TEXT else raw


def check(value, size):
    length = len(base64.b64decode(value)) if TEXT else len(value)
    if length != size:
        raise ValueError(f"{length} bytes instead of {size}")


# --- measure: the workflows return what their steps took, in ms, from the bytes in hand on


@DBOS.step()
def size_step(raw):
    return value_of(raw)


@DBOS.step()
def batch_size_step(raw):
    return value_of(raw)


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, (time.perf_counter() - start) * 1e3


@DBOS.workflow()
def size_workflow():
    times = []
    for size in SIZES:
        value, ms = timed(size_step, os.urandom(size))
        check(value, size)
        times.append(ms)
    return times


@DBOS.workflow()
def batch_size_workflow():
    value, ms = timed(batch_size_step, os.urandom(sum(SIZES)))
    check(value, sum(SIZES))
    return [ms]


def measure():
    samples = {size_workflow: [], batch_size_workflow: []}
    calls = {size_workflow: [], batch_size_workflow: []}
    for k in range(WARMUP + N):
        for workflow in list(samples)[:: 1 if k % 2 == 0 else -1]:
            times, ms = timed(workflow)
            if k >= WARMUP:
                samples[workflow].append(times)
                calls[workflow].append(ms)
    line = {
        "peer": "python",
        "sdk": "dbos " + importlib.metadata.version("dbos"),
        "variant": VARIANT,
        "sizes": SIZES,
        "seven_ms": samples[size_workflow],
        "batch_ms": samples[batch_size_workflow],
        "seven_call_ms": calls[size_workflow],
        "batch_call_ms": calls[batch_size_workflow],
    }
    print(json.dumps(line), flush=True)


# --- fill


@DBOS.step()
def render(size):
    return value_of(os.urandom(size))


@DBOS.step()
def charge(number):
    raise ValueError(f"card {number} was declined")


@DBOS.workflow()
def receipt(size):
    return render(size)


@DBOS.workflow()
def order(number):
    for digits in range(number % 5 + 1):
        render(10**digits)
    if number % 250 == 125:
        render(10_000_000 if number % 500 == 125 else 1_000_000)
    if number % 10 == 3:
        check(receipt(20_000), 20_000)
    if number % 20 == 7:
        try:
            charge(number)
        except ValueError:
            return "declined"
    if number % 25 == 9:
        charge(number)
    return "shipped"


def fill():
    for number in range(N):
        try:
            order(number)
        except ValueError:
            pass


DBOS.launch()
{"measure": measure, "fill": fill}[sys.argv[1]]()
DBOS.destroy()
sys.exit(0)
