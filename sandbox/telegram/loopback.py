"""Fetching files by URL, only from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp

from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import DOWNLOAD_BYTES
from sandbox.telegram.params import Upload
from sandbox.telegram.urls import is_loopback, normal_url

_TIMEOUT = aiohttp.ClientTimeout(total=10)


async def download(url: str) -> Upload:
    """The file behind a loopback URL; 400 with Telegram's reasons when it can not be had.

    Any other address counts as unreachable: the sandbox never leaves the machine.
    """
    if normal_url(url) is None:
        raise bad_request("wrong HTTP URL specified")
    if not is_loopback(url):
        raise bad_request("failed to get HTTP URL content")
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise bad_request("failed to get HTTP URL content")
            data = await response.content.read(DOWNLOAD_BYTES + 1)
            while len(data) <= DOWNLOAD_BYTES and (more := await response.content.read(DOWNLOAD_BYTES)):
                data += more
            mime = response.content_type
    except (aiohttp.ClientError, OSError, TimeoutError):
        raise bad_request("failed to get HTTP URL content") from None
    if len(data) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    if mime.startswith("text/html"):
        raise bad_request("wrong type of the web page content")
    return Upload(urlsplit(url).path.rsplit("/", 1)[-1] or "file", mime, data)
