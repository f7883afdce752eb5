#!/usr/bin/env python3
"""Three nodes on three PostgreSQL servers under Patroni, with faults, and a check of everything that was seen.

usage: cluster.py LATCHKEY FOLDER [--kills N] [--minutes M]     N times the primary is killed; for M minutes faults come at random
       cluster.py --check-the-checker                           shows that the checker finds what is wrong

While keys are created, used, rotated and revoked at all nodes at once, the primary is killed, the network between a node and the database is
cut, connections are ended. The rules that the history must fit:

1. Once a revocation, or a rotation without overlap, is acknowledged, no node accepts the key one second later.
2. A key whose creation is acknowledged, and that nobody has asked to end, is refused by no node: 200, or 503 where nobody could look.
3. When everything works again, each node says the same of each key, and no acknowledged change is lost.
"""

import asyncio
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

BINARIES = next((f"/usr/lib/postgresql/{v}/bin" for v in range(18, 13, -1) if os.path.exists(f"/usr/lib/postgresql/{v}/bin")), "")
SLACK = 1.0


# The checker: pure, and tested by itself.


def check(history, final):
    """The rules that a history breaks, as lines of text.

    history: dictionaries with op (create, use, end), key, start, end, status; status is None for no answer.
    final: (key, node, status) of each key at each node when everything worked again.
    """
    made, asked, ended = {}, {}, {}
    for event in history:
        key = event["key"]
        if event["op"] == "create" and event["status"] == 201:
            made[key] = event["end"]
        elif event["op"] == "end":
            asked[key] = min(asked.get(key, event["start"]), event["start"])
            if event["status"] in (200, 201):
                ended[key] = min(ended.get(key, event["end"]), event["end"])
    problems = []
    for event in history:
        key, status = event["key"], event["status"]
        if event["op"] != "use":
            continue
        if status == 200 and key in ended and event["start"] > ended[key] + SLACK:
            problems.append(f"{key} is accepted by {event['node']} {event['start'] - ended[key]:.3f} s after its end was acknowledged")
        if status not in (200, 503, None) and key in made and event["start"] > made[key] and event["end"] < asked.get(key, float("inf")):
            problems.append(f"{key} is refused by {event['node']} with {status}, and nobody had asked to end it")
    for key, node, status in final:
        if key in ended and status != 401:
            problems.append(f"{key} has ended, and {node} says {status} in the end")
        if key in made and key not in asked and status != 200:
            problems.append(f"{key} was made, and {node} says {status} in the end")
    return problems


def check_the_checker():
    def use(key, start, status, node="n"):
        return {"op": "use", "key": key, "start": start, "end": start + 0.01, "status": status, "node": node}

    made = {"op": "create", "key": "k", "start": 0, "end": 1, "status": 201, "node": "n"}
    end = {"op": "end", "key": "k", "start": 5, "end": 6, "status": 200, "node": "n"}
    lost = {"op": "end", "key": "k", "start": 5, "end": 6, "status": None, "node": "n"}
    good = [
        ([made, use("k", 2, 200), end, use("k", 6.9, 200), use("k", 7.1, 401)], [("k", "n", 401)]),
        ([made, use("k", 2, 503), lost, use("k", 9, 200), use("k", 9, 401)], [("k", "n", 200)]),
        ([made, use("k", 5.5, 401), end], [("k", "n", 401)]),
        ([dict(made, status=None), use("k", 2, 401)], [("k", "n", 401)]),
    ]
    bad = [
        ([made, end, use("k", 7.01, 200)], [("k", "n", 401)]),
        ([made, use("k", 2, 401)], [("k", "n", 200)]),
        ([made, use("k", 2, 403)], [("k", "n", 200)]),
        ([made], [("k", "n", 401)]),
        ([made, end], [("k", "n", 200)]),
        ([made, end], [("k", "n", 401), ("k", "m", 200)]),
        ([made], [("k", "n", 503)]),
    ]
    for history, final in good:
        assert not check(history, final), (history, check(history, final))
    for history, final in bad:
        assert len(check(history, final)) == 1, (history, check(history, final))
    print("the checker finds what is wrong, and nothing else")


# The parts.


def free_ports(count):
    listeners = [socket.socket() for _ in range(count)]
    for listener in listeners:
        listener.bind(("127.0.0.1", 0))
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def start(folder, name, words, nobody=False, **more):
    if nobody and os.getuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
    log = open(os.path.join(folder, name + ".log"), "a")
    return subprocess.Popen(words, stdout=log, stderr=log, cwd=folder, start_new_session=True, **more)


def until(what, holds, seconds=90):
    end = time.time() + seconds
    while time.time() < end:
        try:
            value = holds()
            if value:
                return value
        except Exception:
            pass
        time.sleep(0.1)
    raise SystemExit(f"not within {seconds} s: {what}")


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Database:
    def __init__(self, folder):
        self.folder = folder
        etcd, peer, *ports = free_ports(8)
        self.rest, self.ports = ports[:3], ports[3:6]
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o777)
        self.processes = [start(folder, "etcd", ["etcd", "--data-dir", folder + "/etcd", "--listen-client-urls", f"http://127.0.0.1:{etcd}",
            "--advertise-client-urls", f"http://127.0.0.1:{etcd}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}", "--unsafe-no-fsync"],
            env=dict(os.environ, ETCD_UNSUPPORTED_ARCH=""))]
        until("etcd answers", lambda: get(etcd, "/health")[0] == 200)
        for number in range(3):
            path = f"{folder}/patroni{number}.yml"
            with open(path, "w") as file:
                json.dump({
                    "scope": "latchkey", "name": f"pg{number}", "restapi": {"listen": f"127.0.0.1:{self.rest[number]}", "connect_address": f"127.0.0.1:{self.rest[number]}"},
                    "etcd3": {"host": f"127.0.0.1:{etcd}"},
                    "bootstrap": {"dcs": {"ttl": 20, "loop_wait": 1, "retry_timeout": 3, "maximum_lag_on_failover": 0, "synchronous_mode": True, "primary_start_timeout": 0, "master_start_timeout": 0,
                        "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100, "wal_log_hints": "on", "synchronous_commit": "on", "wal_keep_size": "256MB"}}},
                        "initdb": ["data-checksums", {"encoding": "UTF8"}, {"auth": "scram-sha-256"}]},
                    "postgresql": {"listen": f"127.0.0.1:{self.ports[number]}", "connect_address": f"127.0.0.1:{self.ports[number]}", "data_dir": f"{folder}/data{number}", "bin_dir": BINARIES,
                        "pgpass": f"{folder}/pgpass{number}", "pg_hba": ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
                        "parameters": {"unix_socket_directories": folder},
                        "authentication": {"superuser": {"username": "postgres", "password": "super"}, "replication": {"username": "replicator", "password": "replica"}, "rewind": {"username": "rewind", "password": "rewind"}}},
                }, file)
            self.processes.append(start(folder, f"patroni{number}", ["patroni", path], nobody=True))
            if number == 0:
                until("the first server leads", lambda: get(self.rest[0], "/primary")[0] == 200)
        until("both others follow", lambda: sum(get(port, "/replica")[0] == 200 for port in self.rest) == 2)
        until("one of them synchronously", lambda: any(get(port, "/sync")[0] == 200 for port in self.rest))
        leader = self.leader()
        self.sql(leader, "CREATE ROLE latchkey LOGIN PASSWORD 'secret'", "postgres")
        self.sql(leader, "CREATE DATABASE latchkey OWNER latchkey", "postgres")

    def leader(self):
        return until("there is a primary", lambda: next(i + 1 for i, port in enumerate(self.rest) if get(port, "/primary")[0] == 200)) - 1

    def sql(self, number, text, database="latchkey"):
        return subprocess.run(["psql", "-h", "127.0.0.1", "-p", str(self.ports[number]), "-U", "postgres", "-d", database, "-Atqc", text],
            env=dict(os.environ, PGPASSWORD="super"), capture_output=True, text=True, timeout=20)

    def kill_primary(self):
        def kill():
            number = self.leader()
            with open(f"{self.folder}/data{number}/postmaster.pid") as file:
                os.kill(int(file.readline()), signal.SIGKILL)
            return number + 1

        # One that is being replaced may be gone already.
        return until("a primary can be killed", kill) - 1

    def is_whole(self):
        return any(get(port, "/primary")[0] == 200 for port in self.rest) and sum(get(port, "/replica")[0] == 200 for port in self.rest) == 2 \
            and any(get(port, "/sync")[0] == 200 for port in self.rest)

    def stop(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGKILL)


class Network:
    """What lies between one node and the database: it can be cut, so that nothing is refused and nothing goes through."""

    def __init__(self, targets):
        self.targets, self.ports, self.is_cut = targets, free_ports(len(targets)), False
        threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True).start()

    async def run(self):
        for port, target in zip(self.ports, self.targets):
            await asyncio.start_server(lambda r, w, target=target: self.carry(r, w, target), "127.0.0.1", port)
        await asyncio.Event().wait()

    async def carry(self, reader, writer, target):
        while self.is_cut:
            await asyncio.sleep(0.05)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return

        async def pump(source, sink):
            try:
                while data := await source.read(65536):
                    while self.is_cut:
                        await asyncio.sleep(0.02)
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            sink.close()

        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


class Node:
    def __init__(self, program, folder, name, database):
        self.name, self.network = name, Network(database.ports)
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.port, = free_ports(1)
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.network.ports)
        with open(self.folder + "/htpasswd", "w") as file:
            file.write("amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        with open(self.folder + "/latchkey.yaml", "w") as file:
            json.dump({"http": {"port": self.port, "auth": {"htpasswd": {"path": "htpasswd"}, "apikey": True, "failDelay": 0, "throttle": {"enabled": False}}},
                # No grace: a node that is cut off must not go on with what it knows.
                "storage": {"postgresql": {"url": f"postgresql://latchkey@{hosts}/latchkey?target_session_attrs=read-write", "password": "secret", "grace": "0", "connectTimeout": "3s", "statementTimeout": "3s", "pool": 8}},
                "log": {"level": "warning"}}, file)
        self.process = start(self.folder, "latchkey", [program, "serve", "--config", self.folder + "/latchkey.yaml"])
        until(f"{name} answers", lambda: get(self.port, "/readyz")[0] == 200)


class Client(threading.Thread):
    def __init__(self, nodes, seed, history, stopping):
        super().__init__(daemon=True)
        self.nodes, self.dice, self.history, self.stopping = nodes, random.Random(seed), history, stopping
        self.connections, self.keys, self.dead = {}, [], []

    def ask(self, node, method, path, secret, body=None):
        token = base64.b64encode(f"amy:{secret}".encode()).decode()
        while True:
            begun = time.time()
            kept = self.connections.pop(node.name, None)
            connection = kept or http.client.HTTPConnection("127.0.0.1", node.port, timeout=15)
            try:
                connection.request(method, path, body=body, headers={"Authorization": "Basic " + token})
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
                self.connections[node.name] = connection
                return begun, time.time(), status, text
            except (OSError, http.client.HTTPException):
                connection.close()
                # The node ends connections that nobody uses. What changes nothing may be asked again.
                if not kept or method != "GET":
                    return begun, time.time(), None, b""

    def note(self, op, key, node, begun, ended, status):
        # Enough digits that no two of all keys share them: with eight of them some do.
        self.history.append({"op": op, "key": key[:28], "start": begun, "end": ended, "status": status, "node": node.name})

    def run(self):
        while not self.stopping.is_set():
            node = self.dice.choice(self.nodes)
            turn = self.dice.random()
            if turn < 0.06 or not self.keys:
                begun, ended, status, text = self.ask(node, "POST", "/zot/auth/apikey", "apple", "{}")
                if status == 201:
                    made = json.loads(text)
                    self.keys.append((made["apiKey"], made["uuid"]))
                    self.note("create", made["apiKey"], node, begun, ended, status)
            elif turn < 0.10 and len(self.keys) > 3:
                key, uuid = self.keys.pop(self.dice.randrange(len(self.keys)))
                self.dead.append(key)
                if self.dice.random() < 0.5:
                    begun, ended, status, text = self.ask(node, "DELETE", f"/zot/auth/apikey?id={uuid}", "apple")
                else:
                    begun, ended, status, text = self.ask(node, "POST", f"/zot/auth/apikey/rotate?id={uuid}&overlap=0", "apple")
                    if status == 201:
                        made = json.loads(text)
                        self.keys.append((made["apiKey"], made["uuid"]))
                        self.note("create", made["apiKey"], node, begun, ended, status)
                self.note("end", key, node, begun, ended, status)
            else:
                key = self.dice.choice(self.dead[-20:]) if self.dead and turn > 0.5 else self.dice.choice(self.keys)[0]
                begun, ended, status, _ = self.ask(node, "GET", "/auth/verify", key)
                self.note("use", key, node, begun, ended, status)


def option(name, usual):
    return float(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else usual


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    kills, minutes = int(option("--kills", 0)), option("--minutes", 0)
    seed = int(os.environ.get("LATCHKEY_SEED", random.randrange(2**63)))
    print(f"seed: LATCHKEY_SEED={seed}", flush=True)
    dice = random.Random(seed)
    database = Database(folder + "/database")
    nodes = []
    try:
        nodes = [Node(program, folder, f"node{number}", database) for number in range(3)]
        history, stopping = [], threading.Event()
        clients = [Client(nodes, dice.randrange(2**63), history, stopping) for _ in range(6)]
        for client in clients:
            client.start()
        faults = {"kill": 0, "cut": 0, "end connections": 0}
        begun, slowest = time.time(), 0.0
        while faults["kill"] < kills or time.time() - begun < minutes * 60:
            time.sleep(dice.uniform(1, 3))
            fault = "kill" if faults["kill"] < kills else dice.choice(["kill", "cut", "cut", "end connections"])
            faults[fault] += 1
            if fault == "kill":
                at, old = time.time(), database.kill_primary()
                until("another server leads", lambda: database.leader() is not None and get(database.rest[database.leader()], "/primary")[0] == 200)
                # A node that can create again has found it.
                until("a key can be made again", lambda: clients[0].ask(nodes[0], "POST", "/zot/auth/apikey", "apple", "{}")[2] == 201)
                slowest = max(slowest, time.time() - at)
                until("the killed one follows", database.is_whole, 180)
            elif fault == "cut":
                node = dice.choice(nodes)
                node.network.is_cut = True
                time.sleep(dice.uniform(2, 6))
                node.network.is_cut = False
            else:
                database.sql(database.leader(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'latchkey'")
        stopping.set()
        for client in clients:
            client.join()
        until("the database is whole", database.is_whole, 180)
        for node in nodes:
            until(f"{node.name} is ready", lambda: json.loads(get(node.port, "/readyz")[1])["status"] == "ready")
        time.sleep(2)
        final = []
        for client in clients:
            for key in [key for key, _ in client.keys] + client.dead:
                final += [(key[:28], node.name, client.ask(node, "GET", "/auth/verify", key)[2]) for node in nodes]
        problems = check(history, final)
        uses = [event for event in history if event["op"] == "use"]
        count = lambda op, *statuses: sum(event["op"] == op and event["status"] in statuses for event in history)
        print(f"faults: {faults}; a change went through again {slowest:.1f} s after a kill at the latest")
        print(f"{len(uses)} uses: {count('use', 200)} let in, {count('use', 401)} refused, {count('use', 503)} could not be judged, {count('use', None)} without an answer")
        print(f"acknowledged: {count('create', 201)} created, {count('end', 200, 201)} ended; {count('end', 503, None)} in doubt")
        for problem in problems[:20]:
            print("WRONG:", problem)
        print("all hold" if not problems else f"{len(problems)} rule(s) broken")
        return 1 if problems else 0
    finally:
        for node in nodes:
            os.killpg(node.process.pid, signal.SIGKILL)
        database.stop()


if __name__ == "__main__":
    if "--check-the-checker" in sys.argv:
        check_the_checker()
    else:
        sys.exit(main())
