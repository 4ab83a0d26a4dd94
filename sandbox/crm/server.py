"""The sandbox CRM as one object: starts and stops inside a running event loop, open to the eyes of tests."""

import asyncio
import contextlib
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import inspect, select, update
from starlette.types import ASGIApp

from sandbox.crm.app import create_app
from sandbox.crm.faults import Faults
from sandbox.crm.groups.auth_telegram import new_code
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.passwords import hash_password
from sandbox.crm.room import Group, RecordedRequest, Room, find_groups
from sandbox.crm.seed import seed_room
from sandbox.crm.store import Base, Database
from sandbox.crm.tables import Admin, TelegramSession
from sandbox.crm.tokens import Tokens
from sandbox.crm.wire import TrackedProtocol


class CrmServer:
    """The stand-in backend. `await start()`, use `url`, `await stop()`; or `async with`.

    `db` is ":memory:" or a file's path (a file that already holds admins is not seeded again). Without
    `uploads` the files live in a temporary folder that goes with `stop()`. `drop_after_500` closes the
    connection after each 500 without announcing it, as the backend does. `extra_groups` are served
    beside those of `sandbox.crm.groups`. Without `community` it is the backend as it runs today, which has no
    such operations.
    """

    def __init__(
        self,
        db: str | Path = ":memory:",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        seed: bool = True,
        uploads: Path | None = None,
        bot_username: str = "tabys_sandbox_bot",
        chat_url: str | None = None,
        drop_after_500: bool = False,
        extra_groups: tuple[Group, ...] = (),
        community: bool = True,
    ) -> None:
        self._db = str(db)
        self._host = host
        self._port = port
        self._seed = seed
        self._uploads = uploads
        self._extra_groups = extra_groups
        self._extensions = frozenset(("", "community") if community else ("",))
        self._options: dict[str, Any] = {
            "bot_username": bot_username,
            "chat_url": chat_url,
            "drop_after_500": drop_after_500,
        }
        self._room: Room | None = None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the first request would be served; OSError when the port is taken."""
        if self._room is not None:
            raise RuntimeError("the sandbox CRM is already running")
        listener = _listen(self._host, self._port)
        try:
            self._port = listener.getsockname()[1]
            app = self._open()
        except BaseException:
            listener.close()
            self._release()
            raise
        config = uvicorn.Config(
            app,
            http=TrackedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve([listener]), name="sandbox-crm")
        await self._server.up.wait()

    def _open(self) -> ASGIApp:
        room = self._room = Room(
            db=Database(self._db),
            tokens=Tokens(),
            uploads=self._uploads or Path(tempfile.mkdtemp(prefix="sandbox-crm-")),
            groups=tuple(one for one in find_groups() if one.extension in self._extensions)
            + self._extra_groups,
            **self._options,
        )
        app = create_app(room)
        room.db.create_tables()
        if self._seed:
            seed_room(room)
        return app

    async def stop(self) -> None:
        """Ends running requests, closes connections, removes temporary files. Repeating is harmless."""
        if self._server and self._task:
            self.room.faults.closing.set()
            self._server.ask_to_stop()
            await self._task
        self._server = self._task = None
        self._release()

    async def __aenter__(self) -> "CrmServer":
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    def _release(self) -> None:
        if self._room is None:
            return
        self._room.db.close()
        if self._uploads is None:
            shutil.rmtree(self._room.uploads, ignore_errors=True)
        self._room = None

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self._host in ("0.0.0.0", "") else self._host  # noqa: S104
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def room(self) -> Room:
        if self._room is None:
            raise RuntimeError("the sandbox CRM is not running")
        return self._room

    # --- for tests: direct, not over HTTP ---------------------------------------------------------

    @property
    def faults(self) -> Faults:
        return self.room.faults

    @property
    def requests(self) -> list[RecordedRequest]:
        """What arrived so far, oldest first, without the sandbox's own page and switches; the last 10,000."""
        return list(self.room.requests)

    def clear_requests(self) -> None:
        self.room.requests.clear()

    def requests_to(self, path: str, method: str | None = None) -> list[RecordedRequest]:
        """The recorded requests whose path matches the regular expression, by one method or any."""
        return [
            request
            for request in self.room.requests
            if re.search(path, request.path) and (method is None or request.method == method)
        ]

    def otp(self, login: str, minutes: int = 10) -> str:
        """A fresh one-time code of the admin with that login, 8 characters."""
        with self.room.db.session() as session:
            return new_code(session, self.admin_id(login), minutes).token

    def token(self, login: str) -> str:
        """A fresh access token, as verify-otp would give."""
        admin = self.admin(login)
        return self.room.tokens.for_telegram(admin.id, admin.role)

    def admin(self, login: str) -> Admin:
        """The admin's row as it is now (detached); KeyError when there is none."""
        with self.room.db.session() as session:
            found = session.scalar(select(Admin).where(Admin.login == login))
        if found is None:
            raise KeyError(login)
        return found

    def admin_id(self, login: str) -> int:
        return self.admin(login).id

    def add_admin(
        self, login: str, role: str | None, name: str | None = None, password: str = "sandbox", **columns: Any
    ) -> int:
        """The id of a new admin, approved unless `approval_status` says otherwise."""
        row = Admin(login=login, role=role, name=name or login, password_hash=hash_password(password))
        for column, value in ({"approval_status": "approved"} | columns).items():
            setattr(row, column, value)
        with self.room.db.session() as session:
            session.add(row)
            session.flush()
            return row.id

    def set_role(self, login: str, role: str | None) -> None:
        """Takes effect with the next request of any token the admin already has."""
        admin_id = self.admin_id(login)
        with self.room.db.session() as session:
            session.execute(update(Admin).where(Admin.id == admin_id).values(role=role))

    def delete_admin(self, login: str) -> None:
        """Its tokens are answered 401 from now on; its codes and Telegram sessions go with it."""
        admin_id = self.admin_id(login)
        with self.room.db.session() as session:
            session.delete(session.get_one(Admin, admin_id))

    def expire_tokens(self) -> None:
        """Every token issued so far is answered 401 from now on; new ones work."""
        self.room.tokens.expire_all()

    def sessions(self) -> list[dict[str, Any]]:
        """All Telegram sessions, active or not."""
        return self.rows(TelegramSession)

    def events(self) -> list[dict[str, Any]]:
        """All events as dictionaries of their columns, by id."""
        return self.rows(Event)

    def rows(self, table: type[Base]) -> list[dict[str, Any]]:
        """All rows of a table as dictionaries of their columns, by primary key."""
        mapper = inspect(table)
        names = [column.key for column in mapper.column_attrs]
        with self.room.db.session() as session:
            found = session.scalars(select(table).order_by(*mapper.primary_key))
            return [{name: getattr(row, name) for name in names} for row in found]


def _listen(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's delay off only on sockets that say TCP themselves: 40 ms per answer.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn without signal handlers and without polling: it starts and stops at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._stopping = asyncio.Event()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.up.set()
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = asyncio.get_running_loop().time() + (self.config.timeout_graceful_shutdown or 0)
        while self.server_state.connections or self.server_state.tasks:
            if asyncio.get_running_loop().time() > deadline:
                for task in self.server_state.tasks:
                    task.cancel()
                for connection in list(self.server_state.connections):
                    connection.transport.abort()
                deadline += 60
            await asyncio.sleep(0.005)
