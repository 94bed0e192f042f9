#!/usr/bin/env python3
"""Attaches a terminal to a container, types a command and waits for a text: attach.py CONTAINER COMMAND TEXT."""

import os
import pty
import sys

container, command, expected = sys.argv[1:4]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("docker", ["docker", "attach", "--detach-keys", "ctrl-p,ctrl-q", container])
os.write(terminal, command.encode() + b"\r")
seen = b""
while expected.encode() not in seen:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        part = b""
    if not part:
        sys.exit(f"the terminal closed; seen: {seen!r}")
    seen += part
os.write(terminal, b"\x10\x11")
os.waitpid(pid, 0)
