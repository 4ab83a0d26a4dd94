"""A TCP proxy that cuts, delays, drips, black-holes, loses answers and refuses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator

from tests.support.ports import free_port


class TcpProxy:
    """Passes bytes on to ``port``. ``delay`` (seconds) holds each piece back, ``drip`` each byte of an answer."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = free_port()
        self.delay = 0.0
        self.drip = 0.0
        self.connections = 0
        self._passing = asyncio.Event()
        self._passing.set()
        self._answering = asyncio.Event()
        self._answering.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def refuse(self) -> None:
        """New connections are refused, those that are open are cut."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()

    def swallow(self, on: bool = True) -> None:
        """Connections stay open and nothing arrives, until switched off."""
        (self._passing.clear if on else self._passing.set)()

    def swallow_answers(self, on: bool = True) -> None:
        """Requests arrive, answers do not, until switched off."""
        (self._answering.clear if on else self._answering.set)()

    def calm(self) -> None:
        """No trouble any more; connections that had some are reset."""
        self.delay = self.drip = 0.0
        self.cut()
        self.swallow(False)
        self.swallow_answers(False)

    def cut(self) -> None:
        """Resets every open connection."""
        for writer in list(self._writers):
            raw = writer.get_extra_info("socket")
            if raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def __aenter__(self) -> TcpProxy:
        await self.open()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.refuse()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(
                    self._pass(reader, far_writer), self._pass(far_reader, writer, answers=True)
                )
            finally:
                self._writers.discard(far_writer)
                far_writer.close()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._passing.wait()
                if answers:
                    await self._answering.wait()
                for part in _bytes(piece) if answers and self.drip else (piece,):
                    await asyncio.sleep(self.drip if answers else 0)
                    writer.write(part)
                    await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()


def _bytes(piece: bytes) -> Iterator[bytes]:
    return (piece[index : index + 1] for index in range(len(piece)))
