"""Answers the judge's requests, one after the other, with the student's functions."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from dataclasses import replace
from typing import Any

from coursekit import calling, probes, wire

from . import bounds, magics, policy
from .forbidden import forbidden_uses
from .loader import Loader

_TOO_LARGE = "the answer has {size:.1f} MB; at most {limit} MB are accepted"
_NOT_DEFINED = "no function {name} is defined"
_UNKNOWN_OPERATION = "unknown operation {name!r}"
_SMALL_HEADER = 1 << 16
_UNREADABLE = "the answer cannot be read"
_LOST_HANDLE = "the object {number} is no longer kept"


def serve(fd: int, limits: dict[str, Any]) -> None:
    """Answer until the judge hangs up or says ``end``."""
    Harness(Channel(socket.socket(fileno=fd)), limits).run()


class Channel:
    """The socket to the judge: whole messages out, exact counts of bytes in."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def read(self, count: int) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            got = self.connection.recv_into(view)
            if not got:
                os._exit(0)  # the judge has gone
            view = view[got:]
        return data

    def send(self, parts: list[Any]) -> None:
        for part in parts:
            self.connection.sendall(part)


class Harness:
    """One session: the loaded submission and the objects kept for it."""

    def __init__(self, channel: Channel, limits: dict[str, Any]) -> None:
        self.channel = channel
        self.limits = limits
        self.loader = Loader()
        self.kept: dict[int, Any] = {}
        self.recursion = sys.getrecursionlimit()
        policy.install()

    def run(self) -> None:
        while True:
            number = wire.unpack(self.channel.read, wire.TRUSTED)
            try:
                message = wire.unpack(self.channel.read, wire.TRUSTED, self._resolve)
                reply = self._perform(number, message)
            except BaseException as error:
                message, reply = {}, failure(error)
            with contextlib.suppress(BaseException):
                sys.setrecursionlimit(self.recursion)
            parts = self._pack(number, reply)
            self._flush()
            self.channel.send(parts)
            if message.get("op") == "end":
                return

    def _perform(self, number: int, message: dict[str, Any]) -> dict[str, Any]:
        operation = message.get("op")
        if operation == "load":
            return self._load(number, message)
        if operation == "call":
            return self._one(message)
        if operation == "map" and "packed" in message:
            return {"ok": True, "answers": [self._one(call) for call in message["packed"]]}
        if operation == "map":
            return {"ok": True, "answers": self._map(message["name"], message["calls"])}
        if operation == "keep":
            self.kept[message["id"]] = message["value"]
        elif operation == "drop":
            self.kept.clear() if message.get("id") is None else self.kept.pop(message["id"], None)
        elif operation != "end":
            raise ValueError(_UNKNOWN_OPERATION.format(name=operation))
        return {"ok": True}

    # ------------------------------------------------------------------------------------- operations
    def _load(self, number: int, message: dict[str, Any]) -> dict[str, Any]:
        def progress(cell: int, statement: int) -> None:
            self.channel.send(wire.pack({"id": number, "progress": [cell, statement]}))

        probes.reset_generators()
        statement_s = message.get("statement_s", 2.0)
        forbidden = {}
        if message.get("forbidden"):  # looked up before any statement of the student's has run
            sources = [magics.clean(str(cell["source"]))[0] for cell in message["cells"]]
            forbidden = forbidden_uses(sources, message["forbidden"])
        reply = self.loader.load(
            message["cells"], message.get("stubs", {}), statement_s, message.get("skip", []), progress
        )
        reply["forbidden"] = forbidden
        return reply

    def _one(self, call: dict[str, Any]) -> dict[str, Any]:
        if "payload" in call:  # packed once by the judge, for a whole class
            args, kwargs = wire.unpack_bytes(call["payload"], wire.TRUSTED, self._resolve)
        else:
            args, kwargs = call["args"], call["kwargs"]
        return self._call(call["name"], args, kwargs, call.get("options", {}))

    def _map(self, name: str, calls: list[Any]) -> list[dict[str, Any]]:
        answers = []
        for args, kwargs, *options in calls:
            answers.append(self._call(name, args, kwargs, options[0] if options else {}))
        return answers

    def _call(self, name: str, args: Any, kwargs: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        if name not in self.loader.namespace:
            return failure(NameError(_NOT_DEFINED.format(name=name)))
        function = self.loader.namespace[name]
        try:
            return calling.call(function, list(args), kwargs, options, catch=BaseException).to_tree()
        except BaseException as error:  # probes run the student's code too
            return failure(error)

    # ------------------------------------------------------------------------------------- replies
    def _pack(self, number: int, reply: dict[str, Any]) -> list[Any]:
        try:
            try:
                parts = wire.pack({"id": number, "reply": reply})
            except Exception:
                if "answers" not in reply:
                    raise
                reply = {**reply, "answers": [_sendable(answer) for answer in reply["answers"]]}
                parts = wire.pack({"id": number, "reply": reply})
            self._check_size(parts)
            return parts
        except BaseException as error:
            reason = error
        try:
            return wire.pack({"id": number, "reply": _unsendable(reply, reason)})
        except BaseException:  # even the names in it are not text
            return wire.pack({"id": number, "reply": failure(wire.WireError(_UNREADABLE))})

    def _check_size(self, parts: list[Any]) -> None:
        """Refuse what the judge would refuse: as an answer it costs one call, there it would end the worker."""
        size = sum(len(part) for part in parts) / (1 << 20)
        if size > self.limits["reply_mb"]:
            raise wire.WireError(_TOO_LARGE.format(size=size, limit=self.limits["reply_mb"]))
        if len(parts[1]) > _SMALL_HEADER:
            waiting = iter([part for part in parts if len(part)])
            wire.unpack(lambda count: next(waiting), bounds.of_replies(self.limits["reply_mb"]))

    def _resolve(self, number: int) -> Any:
        if number not in self.kept:
            raise wire.WireError(_LOST_HANDLE.format(number=number))
        return self.kept[number]

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()


def failure(error: BaseException) -> dict[str, Any]:
    """An answer that says what went wrong outside the student's function."""
    try:
        described = replace(calling.failure(error), lines=())  # these would be lines of ours
    except BaseException:  # the error's class is the student's and answers with errors
        described = calling.Failure("BaseException")
    return calling.Answer(error=described).to_tree()


def _sendable(answer: dict[str, Any]) -> dict[str, Any]:
    """``answer``, or why it cannot be sent: one bad answer must not spoil the others of a ``map``."""
    try:
        wire.pack(answer)
    except BaseException as error:
        return _unsendable(answer, error)
    return answer


def _unsendable(answer: dict[str, Any], error: BaseException) -> dict[str, Any]:
    """``answer`` without its value, with the reason in place of it."""
    described = failure(error)
    if isinstance(error, wire.WireError):
        described["error"][0] = "UnsendableAnswer"
    for key in ("kind", "changed", "wall_s", "cpu_s", "output"):
        described[key] = answer.get(key, described[key])
    return described
