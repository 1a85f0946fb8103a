"""The station makes no outgoing connection: a whole class goes through with every connect() and name look-up recorded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Wraps the C library's calls, so that native code (mediapipe, OpenCV, onnxruntime) is seen as well as Python.
RECORDER = r"""
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
LOCAL = {"127.0.0.1", "::1", "localhost", "-"}
ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("gcc") is None, reason="needs gcc and LD_PRELOAD")
@pytest.mark.timeout(180)
def test_a_whole_class_makes_no_connection_to_the_outside(tmp_path: Path) -> None:
    source, library, seen = tmp_path / "recorder.c", tmp_path / "recorder.so", tmp_path / "connections"
    source.write_text(RECORDER)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    env = {**os.environ, "LD_PRELOAD": str(library), "CONNECTIONS": str(seen)}

    rehearsal = [sys.executable, "-m", "kiosk", "rehearse", "--students", "2"]
    subprocess.run(rehearsal, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, timeout=170)

    calls = {tuple(line.split()) for line in seen.read_text().splitlines()}
    assert ("connect", "127.0.0.1") in calls, "the recorder saw nothing, not even the simulated devices"
    assert {call for call in calls if call[1] not in LOCAL} == set()
