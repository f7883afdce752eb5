"""People who come back from a provider at once: logins.py PORT PEOPLE NETWORKS STRANGERS.

All have begun before. STRANGERS at a time come back with codes that nobody has given, from an address of their own. Prints how many are in, how
many are not, and the times.
"""
import collections, http.client, json, sys, threading, time, urllib.parse

port, people, networks, strangers = (int(word) for word in sys.argv[1:])


def ask(host, path, headers=None):
    connection = http.client.HTTPConnection(host, timeout=120)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def begin(address):
    """Begins a login: the cookies, and where the provider is."""
    answer, _ = ask(f"127.0.0.1:{port}", "/auth/login?provider=p1", {"X-Forwarded-For": address})
    return answer.getheader("Set-Cookie").split(";")[0], answer.getheader("Location")


def way_back(address):
    cookie, place = begin(address)
    parts = urllib.parse.urlsplit(place)
    answer, _ = ask(parts.netloc, parts.path + "?" + parts.query)
    back = urllib.parse.urlsplit(answer.getheader("Location"))
    return cookie, back.path + "?" + back.query, address


ready = [way_back(f"10.0.{n % networks // 250}.{n % networks % 250 + 1}") for n in range(people)]
statuses, times, over, bad = collections.Counter(), [], threading.Event(), collections.Counter()
start = threading.Barrier(people + 1)


def person(cookie, path, address):
    start.wait()
    begun = time.perf_counter()
    answer, _ = ask(f"127.0.0.1:{port}", path, {"Cookie": cookie, "X-Forwarded-For": address})
    statuses[answer.status] += 1
    if answer.status == 302:
        times.append(time.perf_counter() - begun)


def stranger():
    while not over.is_set():
        cookie, place = begin("192.0.2.66")
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)["state"][0]
        answer, _ = ask(
            f"127.0.0.1:{port}", f"/auth/callback/p1?code=nothing&state={state}",
            {"Cookie": cookie, "X-Forwarded-For": "192.0.2.66"})
        bad[answer.status] += 1


others = [threading.Thread(target=stranger, daemon=True) for _ in range(strangers)]
for thread in others:
    thread.start()
threads = [threading.Thread(target=person, args=each) for each in ready]
for thread in threads:
    thread.start()
if strangers:
    time.sleep(2)
begun = time.perf_counter()
start.wait()
for thread in threads:
    thread.join()
taken = time.perf_counter() - begun
over.set()
times.sort()
print(json.dumps({
    "people": people, "networks": networks, "strangers": strangers, "answers": dict(statuses), "seconds": round(taken, 1),
    "half are in after": round(times[len(times) // 2], 1) if times else None,
    "strangers' answers": dict(bad)}))
