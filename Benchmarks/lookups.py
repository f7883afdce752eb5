"""Asks for keys, one after the other over one kept connection: lookups.py PORT COUNT USERS KEYS STEP.

The keys are those of fill.py, from the first on, each STEP behind the one before; with STEP 0 always the same. Prints the median and
the 99th percentile of the answers' times, in microseconds.
"""

import base64
import hashlib
import socket
import sys
import time

port, count, users, keys, step = (int(word) for word in sys.argv[1:6])
connection = socket.create_connection(("127.0.0.1", port))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
requests = []
for index in range(count):
    number = index * step % keys
    digits = hashlib.sha256(b"key %d" % number).hexdigest()[:32]
    token = base64.b64encode(b"user%d:zak_%s" % (number % users, digits.encode())).decode()
    requests.append(f"GET /auth/verify HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {token}\r\n\r\n".encode())
times = []
for request in requests:
    begun = time.perf_counter_ns()
    connection.sendall(request)
    answer = connection.recv(65536)
    times.append((time.perf_counter_ns() - begun) / 1000)
    if not answer.startswith(b"HTTP/1.1 200"):
        sys.exit(f"not 200: {answer[:100]}")
times.sort()
print(f"{times[len(times) // 2]:.0f} {times[len(times) * 99 // 100]:.0f}")
