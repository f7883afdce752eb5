"""Fills a store of Latchkey's with keys: fill.py SQLITE-FILE KEYS USERS.

The store must be there, empty. Key N is zak_ and the first 32 digits of the SHA-256 of "key N"; it belongs to user N modulo USERS.
"""

import hashlib
import sqlite3
import sys
import time
import uuid

path, keys, users = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
database = sqlite3.connect(path, isolation_level=None)
database.execute("PRAGMA journal_mode = OFF")
database.execute("PRAGMA synchronous = OFF")
database.execute("PRAGMA cache_size = -4000000")
indexes = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
for name, _ in indexes:
    database.execute(f'DROP INDEX "{name}"')
now = int(time.time() * 1e6)


def rows():
    for number in range(keys):
        digits = hashlib.sha256(b"key %d" % number).hexdigest()[:32]
        id = str(uuid.UUID(int=number))
        user = f"user{number % users}"
        yield (
            id, hashlib.sha256(digits.encode()).digest(), user, "htpasswd", f"name:{user}", "", "[]", now, "bench", id, 0,
        )


database.execute("BEGIN")
database.executemany(
    "INSERT INTO apiKey (id, digest, owner, ownerSource, ownerIdentity, label, scopes, createdAt, creatorUserAgent, family, lastUsed)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    rows(),
)
database.execute("COMMIT")
for _, sql in indexes:
    database.execute(sql)
database.execute("PRAGMA journal_mode = WAL")
database.close()
