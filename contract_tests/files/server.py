"""An SFTP server on the loopback that serves one folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko


class _Anybody(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("partner", "only on the loopback")
        return paramiko.common.AUTH_SUCCESSFUL if good else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    root: Path

    def _at(self, path: str) -> Path:
        return self.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            entries = sorted(self._at(path).iterdir())
            return [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in entries]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            descriptor = os.open(self._at(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        file = os.fdopen(descriptor, "wb" if flags & os.O_WRONLY else "rb")
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = handle.writefile = file  # type: ignore[attr-defined] # as its documentation has it
        return handle

    def _done(self, what: Callable[..., None], *paths: Path) -> int:
        try:
            what(*paths)
        except OSError as error:
            return int(paramiko.SFTPServer.convert_errno(error.errno or 0))
        return int(paramiko.sftp.SFTP_OK)

    def remove(self, path: str) -> int:
        return self._done(os.remove, self._at(path))

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._done(os.rename, self._at(oldpath), self._at(newpath))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self._done(os.replace, self._at(oldpath), self._at(newpath))

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._done(os.mkdir, self._at(path))


@contextmanager
def serving(folder: Path) -> Iterator[paramiko.SFTPClient]:
    """A session with a server of that folder, its host key checked."""
    key = paramiko.RSAKey.generate(2048)
    ours, theirs = socket.socketpair()
    files = type("_Served", (_Files,), {"root": folder})
    server, client = paramiko.Transport(theirs), paramiko.Transport(ours)
    server.add_server_key(key)
    server.set_subsystem_handler("sftp", paramiko.SFTPServer, files)
    ready = threading.Event()
    server.start_server(event=ready, server=_Anybody())
    try:
        client.connect(hostkey=key, username="partner", password="only on the loopback")
        session = paramiko.SFTPClient.from_transport(client)
        assert session is not None
        yield session
    finally:
        client.close()
        server.close()
