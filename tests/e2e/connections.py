"""Every connect(), sendto() and name look-up of a program that runs, native code's (mediapipe, OpenCV, onnxruntime) too."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Wraps the C library's calls.
_RECORDER: Final = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void record(const char *what, const char *whom) {
    char line[300];
    int n = snprintf(line, sizeof line, "%s %s\n", what, whom ? whom : "-");
    int fd = open(getenv("CONNECTIONS"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (write(fd, line, n) < 0) abort();
    close(fd);
}

static void record_address(const char *what, const struct sockaddr *address) {
    char whom[64];
    if (address && address->sa_family == AF_INET) {
        record(what, inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, whom, sizeof whom));
    } else if (address && address->sa_family == AF_INET6) {
        record(what, inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, whom, sizeof whom));
    }
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
    record_address("connect", address);
    return ((int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect"))(fd, address, size);
}

ssize_t sendto(int fd, const void *data, size_t n, int flags, const struct sockaddr *address, socklen_t size) {
    record_address("sendto", address);
    return ((ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "sendto"))(
        fd, data, n, flags, address, size);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    record("getaddrinfo", node);
    return ((int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo"))(
        node, service, hints, found);
}
"""
_LOCAL: Final = {"127.0.0.1", "::1", "localhost", "-"}
_NOBODY: Final = ("getaddrinfo", "0.0.0.0")  # waitress parses its default address, and is given a socket instead


@dataclass(frozen=True)
class Connections:
    """`env` is what a program needs in its environment to be recorded."""

    env: dict[str, str]
    seen: Path

    @classmethod
    def recorder(cls, folder: Path) -> Connections:
        """Built with gcc, loaded by LD_PRELOAD: Linux only."""
        source, library, seen = folder / "recorder.c", folder / "recorder.so", folder / "connections"
        source.write_text(_RECORDER)
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        return cls({"LD_PRELOAD": str(library), "CONNECTIONS": str(seen)}, seen)

    def require_none_outside(self) -> None:
        """All went to this machine."""
        calls = {tuple(line.split()) for line in self.seen.read_text().splitlines()}
        assert ("connect", "127.0.0.1") in calls, "the recorder saw nothing, not even the simulated devices"
        outside = sorted(call for call in calls if call[1] not in _LOCAL and call != _NOBODY)
        assert not outside, outside
