"""A node of its own for one test, on SQLite in a folder of its own: started, killed, started again on the same ports."""

import json
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

START_LIMIT = 60  # seconds, for a debug build with 50,000 policies on a busy machine
STOP_LIMIT = 30


def free_port():
    """Returns a port that nobody has now, below those of outgoing connections: a node that comes back needs the one that it had."""
    while True:
        port = random.randrange(20000, 30000)
        with socket.socket() as one:
            try:
                one.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue


def make_token(program, name, role):
    """Returns a token and the line of REST_TOKENS that lets its owner in."""
    said = subprocess.run([program, "token", name, role], env={}, capture_output=True, text=True, check=True).stdout
    return re.search(r"alm_[A-Za-z0-9_-]+", said).group(), re.search(rf"^{name}:.*$", said, re.M).group().strip()


class Node:
    """A running `anylog-master`; `variables` are those of its configuration."""

    def __init__(self, program, **variables):
        self.program = program
        self.directory = Path(tempfile.mkdtemp(prefix="console-test-"))
        self.rest, self.tcp = free_port(), free_port()
        self.variables = {
            "ANYLOG_REST_PORT": str(self.rest),
            "ANYLOG_SERVER_PORT": str(self.tcp),
            "INTERNAL_IP": "127.0.0.1",
            "LOG_FORMAT": "json",
            **variables,
        }
        self.url = f"http://127.0.0.1:{self.rest}"
        self.process = None

    def start(self):
        """Starts it and waits until it takes requests."""
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, "run", "--embedded"], cwd=self.directory, env=self.variables,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=2) as answer:
                    if answer.status == 200:
                        return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the node does not start:\n{self.log()[-3000:]}")

    def log(self):
        """Returns what it wrote."""
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self):
        """Ends it as a loss of power would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_LIMIT)

    def stop(self):
        """Stops it as an operator would, and removes its folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def request(self, method, path, body=None, token=None, headers=None):
        """Makes a request; returns status, headers and body, whatever the status."""
        request = urllib.request.Request(self.url + path, method=method, headers=dict(headers or {}))
        if body is not None and not isinstance(body, (bytes, str)):
            request.add_header("Content-Type", "application/json")
            body = json.dumps(body)
        if body is not None:
            request.data = body if isinstance(body, bytes) else body.encode()
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=120) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def publish(self, policies, token=None):
        """Adds policies in one transaction; returns their ids."""
        status, _, body = self.request("POST", "/v1/policies", policies, token)
        assert status in (200, 201), body[:500]
        return re.findall(rb'"id":\s*"([^"]+)"', body)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is for the test to say."""

    def redirect_request(self, *_):
        return None
