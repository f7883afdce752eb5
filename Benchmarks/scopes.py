#!/usr/bin/env python3
"""Makes keys for scopes.sh: a thousand with hard scopes for a list, some to be used with the hardest scopes that may be made, and ordinary ones.

usage: scopes.py PORT FOLDER
"""
import base64
import http.client
import json
import sys

port, folder = int(sys.argv[1]), sys.argv[2]
connection = http.client.HTTPConnection("127.0.0.1", port)


def create(user, scopes):
    authorization = "Basic " + base64.b64encode(f"{user}:apple".encode()).decode()
    connection.request("POST", "/zot/auth/apikey", json.dumps({"scopes": scopes}), {"Authorization": authorization})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 201:
        sys.exit(f"no key: {answer.status} {body.decode()}")
    return json.loads(body)["apiKey"]


def credential(user, key):
    return base64.b64encode(f"{user}:{key}".encode()).decode() + "\n"


for number in range(1000):
    # The first half is seen at a glance to lie within team/**; the other takes a search.
    scopes = [f"team/{number}/**/*a*f*c*d*e*f*/**/*g*h*i*j*k*{one}/**:read,create" for one in range(10)]
    create("alice", scopes + [f"x{number}/**/*a*f*c*d*/**/*g*h*{one}/**:read" for one in range(10)])
with open(f"{folder}/hard", "w") as file:
    for number in range(50):
        scopes = [f"team/{number}{one}/" + "*a" * 120 + ":read" for one in range(7)] + ["team/app:read"]
        file.write(credential("bob", create("bob", scopes)))
with open(f"{folder}/plain", "w") as file:
    for _ in range(50):
        file.write(credential("bob", create("bob", ["team/app:read"])))
with open(f"{folder}/known", "w") as file:
    file.write(create("bob", ["team/**:read"]))
