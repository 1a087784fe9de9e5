"""The Python side of `problem: {kind: process}`: serves a model to Gossamer. README.md beside this file explains both.

    class Model:
        def __init__(self, options):             # the scenario's `options`, a dict
            self.dimension = ...                 # d
            self.train_labels = ...              # the classes of the training rows; or train_rows, their number
            self.test_rows = ...                 # how many rows there are to test on, 0 unless given
        def initial_point(self, seed): ...       # x in R^d
        def gradient(self, x, rows, call): ...   # of the mean loss over these rows, in R^d
        def evaluate(self, x, rows, call): ...   # sum of the losses, and with classes how many rows are right

    serve(Model)

It needs Python 3.9 and NumPy, and nothing else. Run by hand, such a program tries the model out: it compares the gradient
with differences of the loss.
"""

import json
import mmap
import os
import socket
import struct
import sys
import time
import traceback
from dataclasses import dataclass

import numpy as np

VERSION = 1
HELLO, MEMORY, INITIAL_POINT, GRADIENT, EVALUATION, FAILURE = 1, 2, 3, 4, 5, 255
HEADER, CALL, DESCRIPTION = struct.Struct("<II"), struct.Struct("<QIIq"), struct.Struct("<IIqqqq")
PARTS = ("train", "test")
LONGEST = 1 << 20  # Bytes of a message from Gossamer.
AWAKE = 2e-4  # Seconds for which the next call is waited for awake: an idle processor can take as long to wake.


@dataclass
class Call:
    """What a gradient or an evaluation depends on besides x and rows. Nothing else may change an answer."""

    part: str = "train"  # Or "test": which rows the numbers mean.
    training: bool = False  # Whether the gradient is for a step: then dropout and augmentation draw by the seed.
    seed: int = 0
    state: np.ndarray = None  # What is no parameter, such as BatchNorm's statistics. A gradient may return a new one.
    result: np.ndarray = None  # A gradient that is computed here, and returned, is not copied.


class BadMessage(Exception):
    """The other side does not keep to the protocol."""


class HungUp(Exception):
    """Gossamer has no more calls."""


class Channel:
    """The socket to Gossamer, and the memory that both share."""

    def __init__(self, connection, memory):
        self.connection, self.memory = connection, memory
        body = self.receive((HELLO,))[1]
        if len(body) < 8:
            raise BadMessage("hello is too short")
        version, bytes_of_number = struct.unpack_from("<II", body)
        if version != VERSION:
            raise BadMessage(f"Gossamer speaks version {version} of the protocol; this is version {VERSION}")
        if bytes_of_number not in (4, 8):
            raise BadMessage(f"numbers of {bytes_of_number} bytes")
        self.dtype = np.dtype(f"<f{bytes_of_number}")
        try:
            self.options = json.loads(body[8:].decode())
        except (ValueError, RecursionError) as error:
            raise BadMessage(f"options are not JSON: {error}") from None
        if not isinstance(self.options, dict):
            raise BadMessage("options are not a map")

    def receive(self, kinds):
        """The kind and the body of the next message."""
        data = self._take()
        if not data:
            raise HungUp
        while len(data) < HEADER.size or len(data) < HEADER.size + HEADER.unpack_from(data)[0]:
            if len(data) >= HEADER.size and HEADER.unpack_from(data)[0] > LONGEST:
                raise BadMessage("a message is too long")
            more = self._take()
            if not more:
                raise BadMessage("a message breaks off")
            data += more
        size, kind = HEADER.unpack_from(data)
        if kind not in kinds or len(data) != HEADER.size + size:
            raise BadMessage(f"a message of kind {kind} and {len(data)} bytes, which is not expected here")
        return kind, data[HEADER.size:]

    def _take(self):
        try:
            end = time.perf_counter() + AWAKE
            while time.perf_counter() < end:
                try:
                    return self.connection.recv(4096, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    os.sched_yield()
            return self.connection.recv(4096)
        except ConnectionError:
            raise HungUp from None

    def send(self, kind, body=b""):
        try:
            self.connection.sendall(HEADER.pack(len(body), kind) + body)
        except ConnectionError:
            raise HungUp from None


_channel = None


def _connect():
    global _channel
    if _channel is None:
        connection = socket.socket(fileno=int(os.environ["GOSSAMER_CHANNEL"]))
        _channel = Channel(connection, int(os.environ["GOSSAMER_MEMORY"]))
    return _channel


def is_served():
    """Whether Gossamer has started this program."""
    return "GOSSAMER_CHANNEL" in os.environ


def options():
    """The scenario's `options`, a dict; by hand, those in the first argument: '{"hidden": 8}'."""
    if is_served():
        return _connect().options
    return json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}


def dtype():
    """The type of the numbers in x and in gradients."""
    return _connect().dtype if is_served() else np.dtype(np.float64)


def _vector(value, length, what):
    vector = np.asarray(value)
    if vector.shape != (length,):
        raise ValueError(f"{what} has the shape {vector.shape}; it should be ({length},)")
    if np.iscomplexobj(vector):
        raise ValueError(f"{what} is complex; it should be real")
    return vector


def _whole(value, dtype, what):
    """Whole numbers, as an array. Others are refused rather than rounded."""
    given = np.asarray(value)
    wrong = np.ones(given.shape, bool)
    if given.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):
            whole = given.astype(dtype)
        wrong = whole != given
    if np.any(wrong):
        raise ValueError(f"{what}: {given[wrong].flat[0]!r} is not a whole number, or too large")
    return np.ascontiguousarray(whole)


def _pair(answer):
    return answer if isinstance(answer, tuple) else (answer, None)


class Server:
    """Answers the calls for a model."""

    def __init__(self, model, dtype):
        self.model, self.dtype = model, dtype
        self.dimension = int(_whole(model.dimension, "<i8", "dimension"))
        labels = getattr(model, "train_labels", None)
        self.labels = None if labels is None else _whole(labels, "<i4", "train_labels")
        self.rows = {"train": int(_whole(model.train_rows, "<i8", "train_rows") if labels is None else len(self.labels)),
                     "test": int(_whole(getattr(model, "test_rows", 0), "<i8", "test_rows"))}
        self.classifies = bool(getattr(model, "classifies", labels is not None))
        self.state = np.asarray(getattr(model, "state", ()), dtype=dtype)
        self.scores = dict(getattr(model, "scores", {}))
        if wrong := [better for better in self.scores.values() if better not in ("higher", "lower")]:
            raise ValueError(f"scores are better 'higher' or 'lower', not {wrong[0]!r}")
        self.layers = _whole(getattr(model, "layers", ()), "<i8", "layers")
        if len(self.layers) and self.layers.sum() != self.dimension:
            raise ValueError(f"the layers have {self.layers.sum()} coordinates together; the dimension is {self.dimension}")

    def description(self):
        flags = (self.labels is not None) | self.classifies << 1 | (len(self.layers) > 0) << 2 | (len(self.scores) > 0) << 3
        head = DESCRIPTION.pack(VERSION, flags, self.dimension, len(self.state), self.rows["train"], self.rows["test"])
        if len(self.layers):
            head += struct.pack("<q", len(self.layers)) + self.layers.tobytes()
        if self.scores:
            head += struct.pack("<q", len(self.scores))
            for name, better in self.scores.items():
                head += struct.pack("<2I", better == "higher", len(name.encode())) + name.encode()
        return head + (b"" if self.labels is None else self.labels.tobytes())

    def share(self, body, descriptor):
        """Finds the vectors in the memory that `descriptor` names."""
        if len(body) != 56:
            raise BadMessage(f"{len(body)} bytes about memory")
        size, *offsets, most_rows = struct.unpack("<7q", body)
        if not 0 < size <= os.fstat(descriptor).st_size:
            raise BadMessage(f"{size} bytes of memory")
        memory = mmap.mmap(descriptor, size)
        lengths = [self.dimension, self.dimension, len(self.state), len(self.state), max(self.rows.values())]
        if most_rows != lengths[-1]:
            raise BadMessage(f"memory for {most_rows} rows")
        vectors = []
        for offset, length, kind in zip(offsets, lengths, [self.dtype] * 4 + [np.dtype("<i4")]):
            if offset < 0 or offset % kind.itemsize or offset + length * kind.itemsize > size:
                raise BadMessage(f"a vector at offset {offset}")
            vectors.append(np.frombuffer(memory, kind, length, offset))
        self.x, self.result, self.state_in, self.state_out, self.numbers = vectors
        self.x.flags.writeable = self.state_in.flags.writeable = self.numbers.flags.writeable = False

    def arguments(self, part, training, count, seed):
        if part > 1 or training > 1:
            raise BadMessage(f"part {part}, training {training}")
        name = PARTS[part]
        if not 1 <= count <= self.rows[name]:
            raise BadMessage(f"{count} rows of the part {name}")
        return self.x, self.numbers[:count], Call(name, training == 1, seed, self.state_in, self.result)

    def answer(self, kind, body):
        """Calls the model, and gives the body of the reply."""
        if len(body) != CALL.size:
            raise BadMessage(f"a call of {len(body)} bytes")
        seed, part, training, count = CALL.unpack(body)
        if kind == INITIAL_POINT:
            x, state = _pair(self.model.initial_point(seed))
            self.result[:] = _vector(x, self.dimension, "the initial point")
            self.state_out[:] = self.state if state is None else _vector(state, len(self.state), "the state")
            return b""
        arguments = self.arguments(part, training, count, seed)
        if kind == GRADIENT:
            gradient, state = _pair(self.model.gradient(*arguments))
            if gradient is not self.result:
                self.result[:] = _vector(gradient, self.dimension, "the gradient")
            if len(self.state):
                self.state_out[:] = self.state_in if state is None else _vector(state, len(self.state), "the state")
            return b""
        loss, *more = _pair(self.model.evaluate(*arguments))
        scores = more.pop() if more and isinstance(more[-1], dict) else {}
        if scores.keys() != self.scores.keys():
            raise ValueError(f"evaluate gives the scores {list(scores)}; the model has {list(self.scores)}")
        return struct.pack(f"<dq{len(scores)}d", float(loss), self.right(*more), *(float(scores[name]) for name in self.scores))

    def right(self, count=None):
        """How many rows are right, as `evaluate` says."""
        if self.classifies and count is None:
            raise ValueError("evaluate gives no number of rows that are right; `classifies = False` if it cannot")
        count = int(_whole(count or 0, "<i8", "the number of rows that are right"))
        if count and not self.classifies:
            raise ValueError("evaluate gives a number of rows that are right; `classifies = True` if it is one")
        return count


def _where(error):
    """The place in the model's own file that an error comes from, as far as it can be told."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""


def _serve(channel, make):
    server = Server(make(channel.options) if isinstance(make, type) else make, channel.dtype)
    channel.send(HELLO, server.description())
    server.share(channel.receive((MEMORY,))[1], channel.memory)
    channel.send(MEMORY)
    while True:
        kind, body = channel.receive((INITIAL_POINT, GRADIENT, EVALUATION))
        channel.send(kind, server.answer(kind, body))


def serve(model):
    """Answers Gossamer's calls until it hangs up. `model` is an object, or a class that is made with the options."""
    if not is_served():
        return try_out(model(options()) if isinstance(model, type) else model)
    channel = _connect()
    try:
        _serve(channel, model)
    except HungUp:
        return None
    except BaseException as error:
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".replace("\n", " ") + _where(error)
        channel.send(FAILURE, text.encode()[:4000])
        sys.exit(1)


def try_out(model):
    """Says what the model is, and compares its gradient with differences of its loss, both not in training."""
    server = Server(model, np.dtype(np.float64))
    x, state = _pair(model.initial_point(1))
    x = np.asarray(x, dtype=np.float64)
    rows = np.arange(min(server.rows["train"], 100), dtype=np.int32)
    call = Call(state=server.state if state is None else state, result=np.empty(len(x)))
    print(f"d = {server.dimension}, {server.rows['train']} rows to train on, {server.rows['test']} to test on, "
          f"a state of {len(server.state)}")
    g = np.array(_pair(model.gradient(x, rows, call))[0], dtype=np.float64)
    direction = np.random.default_rng(1).standard_normal(len(x))
    direction = direction / np.linalg.norm(direction) + g / max(np.linalg.norm(g), 1e-300)
    losses = [_pair(model.evaluate(x + h * direction, rows, call))[0] / len(rows) for h in (-1e-4, 0, 1e-4)]
    print(f"loss {losses[1]:.6g}; along some direction it rises by {(losses[2] - losses[0]) / 2e-4:.6g}, and the gradient "
          f"says {g @ direction:.6g}")


# ---- PyTorch


def serve_torch(module, loss, train, test=None, device="cpu", augment=None):
    """Serves a torch.nn.Module. `train` and `test` are pairs of tensors, inputs and targets, a row each; `loss` gives the
    mean loss of outputs and targets. Training draws by torch's generator, seeded for each call: dropout, and `augment`, which
    may change the inputs of a batch. The buffers of the module are its state. x is drawn anew by the seed through the
    reset_parameters, or _reset_parameters, of its layers; parameters of layers without either start as they are now, and
    those without requires_grad, which are not in x, stay as they are now. What else the module keeps between calls must not
    change its answers; problem.verify_gradients looks for that."""
    serve(TorchModel(module, loss, train, test, device, augment))


class TorchModel:
    def __init__(self, module, loss, train, test=None, device="cpu", augment=None):
        import torch

        torch.set_num_threads(1)  # There is a process for every thread of Gossamer.
        self.torch, self.loss, self.augment = torch, loss, augment
        self.type = torch.float32 if dtype().itemsize == 4 else torch.float64
        self.module = module.to(device=device, dtype=self.type)
        self.parameters = [p for p in module.parameters() if p.requires_grad]
        self.made = [(p, p.detach().clone()) for p in module.parameters()]
        self.device = device
        self.parts = {"train": self._on_device(train), "test": self._on_device(test) if test else None}
        self.layers = [p.numel() for p in self.parameters]
        self.dimension = sum(self.layers)
        self.state = self._flat(self.buffers)
        targets = self.parts["train"][1]
        self.classifies = not targets.is_floating_point() and targets.ndim == 1
        if self.classifies:
            self.train_labels = targets.cpu().numpy()
        self.train_rows = len(targets)
        self.test_rows = len(test[1]) if test else 0

    @property
    def buffers(self):
        return list(self.module.buffers())  # As they are now: a module may put another tensor in a buffer's place.

    def _on_device(self, part):
        return [t.to(device=self.device, dtype=self.type if t.is_floating_point() else t.dtype) for t in part]

    def _flat(self, tensors):
        if not tensors:
            return np.empty(0)
        return self.torch.cat([t.detach().reshape(-1).to(self.type) for t in tensors]).cpu().numpy()

    def _slices(self, vector, tensors):
        flat, begin = self.torch.as_tensor(np.array(vector), device=self.device, dtype=self.type), 0
        for tensor in tensors:
            yield tensor, flat[begin:begin + tensor.numel()].view_as(tensor)
            begin += tensor.numel()

    def _set(self, x, call):
        for parameter, value in self._slices(x, self.parameters):
            parameter.data = value
        self._set_buffers(call.state)
        self.module.train(call.training)

    def _set_buffers(self, state):
        for buffer, value in self._slices(state, self.buffers):
            buffer.detach().copy_(value)

    def _put_back(self, trained):
        for parameter, value in self.made:
            if parameter.requires_grad == trained:
                parameter.data = value.clone()

    def _batch(self, rows, call):
        numbers = self.torch.as_tensor(rows.astype(np.int64), device=self.device)
        inputs, targets = (t[numbers] for t in self.parts[call.part])
        if call.training and self.augment:
            inputs = self.augment(inputs)
        return self.module(inputs), targets

    def initial_point(self, seed):
        self._put_back(trained=True)  # Whatever calls, perhaps of other runs, have left in the module.
        self._set_buffers(self.state)
        self.torch.manual_seed(seed % 2**63)
        layers = list(self.module.modules())
        for layer in layers:
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        for layer in reversed(layers):  # Those of attention set some of what their own layers have drawn.
            if hasattr(layer, "_reset_parameters"):
                layer._reset_parameters()
        self._put_back(trained=False)
        return self._flat(self.parameters), self._flat(self.buffers)

    def gradient(self, x, rows, call):
        self.torch.manual_seed(call.seed % 2**63)
        self._set(x, call)
        outputs, targets = self._batch(rows, call)
        found = self.torch.autograd.grad(self.loss(outputs, targets), self.parameters, allow_unused=True)
        gradients = [self.torch.zeros_like(p) if g is None else g for g, p in zip(found, self.parameters)]
        return self._flat(gradients), self._flat(self.buffers)

    def evaluate(self, x, rows, call):
        self._set(x, call)
        with self.torch.no_grad():
            outputs, targets = self._batch(rows, call)
            loss = float(self.loss(outputs, targets)) * len(rows)
            return (loss, (outputs.argmax(1) == targets).sum()) if self.classifies else loss
