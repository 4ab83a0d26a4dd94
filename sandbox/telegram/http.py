"""HTTP around the Bot API: reading bodies, checking the token, answering."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sandbox.telegram.dispatch import Answer, perform
from sandbox.telegram.errors import ApiError
from sandbox.telegram.files import UPLOAD_BYTES
from sandbox.telegram.params import Params, Upload
from sandbox.telegram.state import State

BODY_BYTES = UPLOAD_BYTES + 1024 * 1024
"""The largest body that is read; above it the answer is 413."""

_UNAUTHORIZED = ApiError(401, "Unauthorized")
_NOT_FOUND = ApiError(404, "Not Found")


async def bot_api(state: State, request: web.BaseRequest) -> web.StreamResponse:
    """The answer to `/bot<token>/<method>`."""
    token, _, method = request.path.removeprefix("/bot").partition("/")
    if token != state.token:
        return problem(_UNAUTHORIZED)
    if not method or "/" in method:
        return problem(_NOT_FOUND)
    try:
        params = await _params(request)
    except ApiError as refused:
        return problem(refused)
    answer = await perform(state, method, params)
    return _response(request, answer)


def _response(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    if answer.drop:
        transport = request.transport
        if transport is not None:
            transport.abort()
        raise ConnectionResetError("dropped on purpose")
    return web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)


def problem(refused: ApiError) -> web.Response:
    """The refusal as Telegram sends it."""
    body = json.dumps(refused.payload()).encode()
    return web.Response(body=body, status=refused.code, content_type="application/json")


async def _params(request: web.BaseRequest) -> Params:
    values: dict[str, Any] = dict(parse_qsl(request.query_string, keep_blank_values=True))
    files: dict[str, Upload] = {}
    if request.can_read_body:
        kind = request.content_type
        try:
            if kind == "application/json":
                values |= _object(await request.read())
            elif kind == "multipart/form-data":
                await _multipart(request, values, files)
            elif kind == "application/x-www-form-urlencoded":
                body = (await request.read()).decode(errors="replace")
                values |= parse_qsl(body, keep_blank_values=True)
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(413, "Request Entity Too Large") from None
    return Params(values, files)


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ApiError(400, "Bad Request: can't parse JSON object")
    return found


async def _multipart(request: web.BaseRequest, values: dict[str, Any], files: dict[str, Upload]) -> None:
    try:
        fields = await request.post()
    except (ValueError, HttpProcessingError):
        raise ApiError(400, "Bad Request: can't parse multipart/form-data request") from None
    for name, value in fields.items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.content_type, value.file.read())
            value.file.close()
        elif isinstance(value, str):
            values[name] = value


def file_download(state: State, request: web.BaseRequest) -> web.StreamResponse:
    """The bytes behind `/file/bot<token>/<path>`."""
    token, _, path = request.path.removeprefix("/file/bot").partition("/")
    if token != state.token:
        return problem(_UNAUTHORIZED)
    stored = state.files.by_path(path)
    if stored is None:
        return problem(_NOT_FOUND)
    return web.Response(body=stored.data, content_type=stored.mime or "application/octet-stream")
