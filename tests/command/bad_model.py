"""Models that misbehave, for test_process.py: bad_model.py KIND. They speak the protocol by hand, so that they can break it.

The model is ||x - row||^2 / 2 in R^2, of six rows with two classes.
"""

import mmap
import os
import signal
import socket
import struct
import sys
import time

HELLO, MEMORY, INITIAL_POINT, GRADIENT, EVALUATION, FAILURE = 1, 2, 3, 4, 5, 255
kind = sys.argv[1]
with open("pids", "a") as pids:
    pids.write(f"{os.getpid()}\n")
connection = socket.socket(fileno=int(os.environ["GOSSAMER_CHANNEL"]))


def receive():
    data = connection.recv(65536)
    if not data:
        sys.exit(0)
    size, message = struct.unpack_from("<II", data)
    assert len(data) == 8 + size
    return message, data[8:]


def send(message, body=b""):
    connection.sendall(struct.pack("<II", len(body), message) + body)


def describe(version=1, flags=3, dimension=2, state=1, train=6, test=2, labels=(0, 0, 0, 1, 1, 1)):
    return struct.pack(f"<IIqqqq{len(labels)}i", version, flags, dimension, state, train, test, *labels)


def with_layers(*sizes):
    """A description whose layers have these sizes."""
    head = struct.pack("<IIqqqqq", 1, 6, 2, 1, 6, 2, len(sizes))
    return head + struct.pack(f"<{len(sizes)}q", *sizes)


def hang():
    time.sleep(1000)


def hello():
    """What is wrong with the answer to hello."""
    if kind == "dies at the start":
        sys.exit("no data here")
    receive()
    if kind == "is killed at the start":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "never answers":
        hang()
    if kind == "hangs up":
        os.close(connection.fileno())
        hang()
    if kind == "talks without end":
        while True:
            print("la" * 1000, flush=True)
    if kind == "leaves a child":
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            hang()
        with open("pids", "a") as pids:
            pids.write(f"{child}\n")
        sys.exit(5)
    raw = {
        "sends garbage": b"\xff" * 64,
        "announces too much": struct.pack("<II", 0xFFFFFFFF, HELLO),
        "breaks off": struct.pack("<II", 40, HELLO) + b"1234",
        "answers twice": 2 * (struct.pack("<II", len(describe()), HELLO) + describe()),
    }
    if kind in raw:
        connection.sendall(raw[kind])
        if kind == "breaks off":
            hang()
        return
    if kind == "answers with another kind":
        return send(GRADIENT)
    if kind == "is two models":
        return send(HELLO, describe(test=2 + os.getpid() % 1000))
    send(HELLO, {
        "has another version": describe(version=7),
        "has no dimension": describe(dimension=0),
        "has a negative state": describe(state=-1),
        "has too few labels": describe(labels=(0, 1)),
        "has labels and says not": describe(flags=2),
        "has unknown flags": describe(flags=64),
        "has layers of another model": with_layers(1, 2),
        "has countless layers": with_layers(1, 1)[:40] + struct.pack("<q", 1 << 31) + bytes(8),
        "has too many rows": describe(train=1 << 40),
        "is short": describe()[:20],
    }.get(kind, describe()))


hello()
_, body = receive()
size, *offsets, _ = struct.unpack("<7q", body)
memory = mmap.mmap(int(os.environ["GOSSAMER_MEMORY"]), size)
x_at, result_at, state_in_at, state_out_at, rows_at = offsets
send(MEMORY)
calls = 0
while True:
    message, body = receive()
    calls += 1
    seed, part, training, count = struct.unpack("<QIIq", body)
    if message == INITIAL_POINT:
        if kind == "leaves the initial point":
            send(message)
            continue
        struct.pack_into("<2f", memory, result_at, float("nan") if kind == "starts at NaN" else 3.0, 4.0)
        struct.pack_into("<f", memory, state_out_at, 0.0)
        send(message)
        continue
    x = struct.unpack_from("<2f", memory, x_at)
    rows = struct.unpack_from(f"<{count}i", memory, rows_at)
    if message == EVALUATION:
        loss = sum(((x[0] - row) ** 2 + x[1] ** 2) / 2 for row in rows)
        if kind == "has a loss of NaN":
            loss = float("nan")
        send(message, struct.pack("<dq", loss, count + 1 if kind == "is right too often" else count))
        continue
    factor = {"has another gradient": 1.5, "draws by itself": 1 + calls}.get(kind, 1.0)
    gradient = factor * (x[0] - sum(rows) / count), factor * x[1]
    if kind == "writes half of the result" and training:
        struct.pack_into("<f", memory, result_at, gradient[0])
    elif kind == "has a gradient of NaN" and training:
        struct.pack_into("<2f", memory, result_at, gradient[0], float("nan"))
    elif kind != "leaves the result":
        struct.pack_into("<2f", memory, result_at, *gradient)
    drift = calls if kind == "has a state that drifts" else struct.unpack_from("<f", memory, state_in_at)[0] + 1
    if kind == "has a state of NaN" and training:
        drift = float("nan")
    if kind != "leaves the state" or not training:
        struct.pack_into("<f", memory, state_out_at, drift)
    if kind == "is two models":
        time.sleep(0.1)  # So that one process is not enough for two threads.
    if training and kind == "dies in a gradient":
        print("no more", file=sys.stderr, flush=True)
        os._exit(9)
    if training and kind == "hangs in a gradient":
        hang()
    if training and kind == "crashes in a gradient":
        os.kill(os.getpid(), signal.SIGSEGV)
    if training and kind == "says what is wrong":
        send(FAILURE, b"no GPU\nat all")
        continue
    if training and kind == "fails without a word":
        send(FAILURE)
        continue
    if training and kind == "answers a gradient with more":
        send(message, b"more")
        continue
    send(message)
