"""A member of the network as small as one can be: it publishes its own policy, asks for the ledger and takes it (reference/tcp-protocol 7)."""

import json
import socket
import threading

from node import free_port

BLOCK, HEADER = 2048, 207


def block(command, port, host="127.0.0.1"):
    """Returns the one block of a short message."""
    made = bytearray(BLOCK)
    text, sender = command.encode(), host.encode()
    assert HEADER + len(text) <= BLOCK, "a longer message needs more blocks"
    fields = ((30, 4, 1), (35, 1, 1), (36, 1, 6), (39, 2, len(text)), (43, 4, len(text)), (56, 2, 1), (60, 2, 1), (72, 1, len(sender)),
              (201, 4, port))
    for place, size, value in fields:
        made[place:place + size] = value.to_bytes(size, "big")
    made[73:73 + len(sender)] = sender
    made[HEADER:HEADER + len(text)] = text
    return bytes(made)


class Member:
    """A query node of the given name; `join` begins to ask every `period` seconds, `leave` ends it without a word."""

    def __init__(self, node, name, period=0.5):
        self.node, self.name, self.period = node, name, period
        self.port = free_port()
        self.deliveries = 0
        self.over = threading.Event()
        self.threads = []

    def send(self, command):
        """Sends one message; a node that is away is tried again with the next round."""
        try:
            with socket.create_connection(("127.0.0.1", self.node.tcp), timeout=5) as one:
                one.sendall(block(command, self.port))
                one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def join(self):
        """Publishes its policy and asks for the ledger from now on."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.listener.settimeout(0.2)
        self.policy = {"query": {"name": self.name, "company": "Orchard Foods", "ip": "127.0.0.1", "port": self.port}}
        self.send("blockchain push " + json.dumps(self.policy))
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.take, self.ask)]
        for one in self.threads:
            one.start()
        return self

    def take(self):
        """Reads deliveries to their end and counts them."""
        while not self.over.is_set():
            try:
                one, _ = self.listener.accept()
            except TimeoutError:
                continue
            with one:
                one.settimeout(10)
                try:
                    while one.recv(65536):
                        pass
                    self.deliveries += 1
                except OSError:
                    pass

    def ask(self):
        """Asks for the ledger in its rhythm."""
        while not self.over.is_set():
            self.send("event get_blockchain /srv/blockchain/blockchain.new 0 0")
            self.over.wait(self.period)

    def leave(self):
        """Is gone, as after a loss of power: nothing listens any more."""
        self.over.set()
        for one in self.threads:
            one.join(15)
        self.listener.close()
