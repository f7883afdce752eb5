"""What SQLite alone does: insert.py FILE SECONDS. Commits rows like those of API keys one by one, in WAL mode with synchronous=FULL."""

import os
import sqlite3
import sys
import time
import uuid

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
columns = "id TEXT PRIMARY KEY, digest BLOB UNIQUE, owner TEXT, source TEXT, identity TEXT, label TEXT, scopes TEXT, created INTEGER, family TEXT"
database.execute(f"CREATE TABLE keys ({columns})")
for name in ("owner", "identity", "family"):
    database.execute(f"CREATE INDEX by_{name} ON keys ({name})")
end, count = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    id = str(uuid.uuid4())
    database.execute(
        "INSERT INTO keys VALUES (?, ?, 'user1', 'htpasswd', 'name:user1', 'x', '[]', 1, ?)", (id, os.urandom(32), id)
    )
    count += 1
print(f"{count / float(sys.argv[2]):.0f}")
