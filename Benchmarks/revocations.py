"""How long after a revocation was acknowledged the last node still lets the key in: revocations.py COUNT PORT PORT...

Prints the median and the 99th percentile in milliseconds. Each node is asked all the time from before the revocation on.
"""
import base64
import http.client
import json
import sys
import threading
import time

count, ports = int(sys.argv[1]), [int(port) for port in sys.argv[2:]]


def head(secret):
    return {"Authorization": "Basic " + base64.b64encode(f"alice:{secret}".encode()).decode()}


def ask(connection, method, path, secret, body=None):
    connection.request(method, path, body=body, headers=head(secret))
    answer = connection.getresponse()
    return answer.status, answer.read()


watchers = [http.client.HTTPConnection("127.0.0.1", port) for port in ports]
changer = http.client.HTTPConnection("127.0.0.1", ports[0])
times = []
for _ in range(count):
    made = json.loads(ask(changer, "POST", "/zot/auth/apikey", "apple", "{}")[1])
    last = [0.0] * len(watchers)
    done = threading.Event()

    def watch(index):
        while True:
            begun = time.perf_counter()
            if ask(watchers[index], "GET", "/auth/verify", made["apiKey"])[0] == 200:
                last[index] = begun
            elif done.is_set():
                return
            time.sleep(0.0005)

    threads = [threading.Thread(target=watch, args=(index,)) for index in range(len(watchers))]
    for thread in threads:
        thread.start()
    time.sleep(0.01)
    ask(changer, "DELETE", f"/zot/auth/apikey?id={made['uuid']}", "apple")
    acknowledged = time.perf_counter()
    done.set()
    for thread in threads:
        thread.join()
    times.append(max(0.0, max(last) - acknowledged) * 1000)
times.sort()
print(f"{times[len(times) // 2]:.1f} {times[int(len(times) * 0.99)]:.1f}")
