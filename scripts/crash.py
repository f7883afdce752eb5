#!/usr/bin/env python3
"""Kills a server with SIGKILL in the middle of its work, again and again, and checks that whatever it had acknowledged holds.

usage: crash.py LATCHKEY ROUNDS FOLDER [--full-disk]

Each round starts the server, creates, rotates, revokes and uses keys from several threads at the same time, and kills it. The next
round asks for each key that changed, and for some older ones. With --full-disk the data folder is a small disk that is full for a part
of each round (needs root). At the end the audit file's chain and the store must be sound.
"""

import base64
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

program, rounds, folder = os.path.abspath(sys.argv[1]), int(sys.argv[2]), os.path.abspath(sys.argv[3])
full_disk = "--full-disk" in sys.argv
seed = int(os.environ.get("LATCHKEY_SEED", random.randrange(2**63)))
print(f"seed: LATCHKEY_SEED={seed}")
dice = random.Random(seed)
THREADS = 4
data = os.path.join(folder, "data")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


port = free_port()
with open(os.path.join(folder, "htpasswd"), "w") as file:
    file.write("amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
with open(os.path.join(folder, "latchkey.yaml"), "w") as file:
    file.write(
        f"http: {{ port: {port}, auth: {{ htpasswd: {{ path: htpasswd }}, apikey: true, failDelay: 0, throttle: {{ enabled: false }} }} }}\n"
        "storage: { rootDirectory: data }\n"
        "log: { output: log, audit: { file: audit.log, sign: audit.key } }\n"
    )
config = ["--config", os.path.join(folder, "latchkey.yaml")]
os.makedirs(data, exist_ok=True)
if full_disk:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "none", data], check=True)


class Key:
    """A key of a thread's own, and what was acknowledged of it."""

    def __init__(self, text, uuid):
        self.text, self.uuid = text, uuid
        self.revoked = False
        self.rotated = False
        # The server died before it answered: either may be true.
        self.unsure = False


class Client(threading.Thread):
    def __init__(self, number):
        super().__init__(daemon=True)
        self.dice = random.Random(dice.randrange(2**63))
        self.keys, self.touched, self.acknowledged = [], [], 0
        self.stopping = threading.Event()
        self.problem = None

    def ask(self, method, path, secret, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            token = base64.b64encode(f"amy:{secret}".encode()).decode()
            connection.request(method, path, body=body, headers={"Authorization": "Basic " + token})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            connection.close()

    def run(self):
        try:
            while not self.stopping.is_set():
                self.step()
        except Exception as problem:  # told by the main thread
            self.problem = problem

    def step(self):
        roll = self.dice.random()
        usable = [key for key in self.keys if not (key.unsure or key.revoked)]
        if roll < 0.35 or not usable:
            status, body = self.ask("POST", "/zot/auth/apikey", "apple", "{}")
            if status == 201:
                self.add(body)
            else:
                self.expect(status, (None, 503), "create")
        elif roll < 0.5:
            key = self.dice.choice(usable)
            if key.rotated:
                return
            status, body = self.ask("POST", f"/zot/auth/apikey/rotate?id={key.uuid}&overlap=10d", "apple")
            if status == 201:
                key.rotated = True
                self.add(body)
            else:
                self.expect(status, (None, 503), "rotate")
                # A store that failed has done nothing; a server that died may have.
                key.unsure = key.unsure or status is None
        elif roll < 0.65:
            key = self.dice.choice(usable)
            status, _ = self.ask("DELETE", f"/zot/auth/apikey?id={key.uuid}", "apple")
            self.touched.append(key)
            if status == 200:
                key.revoked = True
                self.acknowledged += 1
            else:
                self.expect(status, (None, 503), "revoke")
                key.unsure = key.unsure or status is None
        else:
            self.check(self.dice.choice(self.keys), (None,))

    def add(self, body):
        answer = json.loads(body)
        key = Key(answer["apiKey"], answer["uuid"])
        self.keys.append(key)
        self.touched.append(key)
        self.acknowledged += 1

    def check(self, key, others=()):
        status, _ = self.ask("GET", "/v2/", key.text)
        if key.unsure:
            expected = (200, 401)
        else:
            expected = (401,) if key.revoked else (200,)
        self.expect(status, expected + tuple(others), f"use of {key.uuid}, revoked {key.revoked}")

    def expect(self, status, expected, what):
        if status not in expected:
            raise AssertionError(f"{what}: {status}, not one of {expected}")


def start():
    server = subprocess.Popen([program, "serve"] + config, cwd=folder)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.01)
    sys.exit("the server does not start again: see " + os.path.join(folder, "log"))


def fill(path):
    """Writes until nothing fits any more."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                pass


def verify(last):
    for command in (["audit", "verify", "--key", folder + "/audit.key.pub", folder + "/audit.log"], ["store", "check"] + config):
        result = subprocess.run([program] + command, capture_output=True, text=True, cwd=folder)
        if last or result.returncode:
            print(result.stdout.strip())
        if result.returncode:
            sys.exit(f"{' '.join(command)}: {result.returncode} {result.stderr}")


clients = [Client(number) for number in range(THREADS)]
acknowledged = 0
for number in range(rounds):
    server = start()
    for client in clients:
        for key in client.touched + dice.sample(client.keys, min(5, len(client.keys))):
            client.check(key)
        client.touched = []
    fresh = []
    for old in clients:
        client = Client(0)
        client.keys, client.dice = old.keys, old.dice
        fresh.append(client)
    clients = fresh
    for client in clients:
        client.start()
    # However slow the machine is, each round changes something before its end.
    patience = time.monotonic() + 60
    while not any(client.acknowledged or client.problem for client in clients) and time.monotonic() < patience:
        time.sleep(0.01)
    time.sleep(dice.uniform(0.0, 0.3))
    if full_disk:
        fill(os.path.join(data, "filler"))
        time.sleep(dice.uniform(0.02, 0.2))
        if dice.random() < 0.5:
            os.remove(os.path.join(data, "filler"))
            time.sleep(dice.uniform(0.0, 0.1))
    server.send_signal(signal.SIGKILL)
    server.wait()
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.join()
        if client.problem:
            sys.exit(f"round {number}: {client.problem}")
        acknowledged += client.acknowledged
    if full_disk and os.path.exists(os.path.join(data, "filler")):
        os.remove(os.path.join(data, "filler"))
    if number % 25 == 24:
        verify(False)
server = start()
for client in clients:
    for key in client.keys if not full_disk else client.touched:
        client.check(key)
server.send_signal(signal.SIGTERM)
if server.wait():
    sys.exit("the server did not stop in order")
verify(True)
if acknowledged < rounds:
    sys.exit(f"only {acknowledged} changes in {rounds} rounds: that tests nothing")
print(f"{rounds} rounds, {acknowledged} acknowledged changes, {sum(len(client.keys) for client in clients)} keys: all hold")
