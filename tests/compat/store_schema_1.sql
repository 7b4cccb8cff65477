-- A book as the first schema of a SQLite store kept it; never to be changed.
PRAGMA application_id = 0x52434152;
PRAGMA user_version = 1;
CREATE TABLE record (
        kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT, keys TEXT NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE record_key (
        kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (kind, name, value, id)
    ) STRICT, WITHOUT ROWID;
CREATE TABLE log (
        position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, client_id TEXT NOT NULL,
        payload TEXT NOT NULL, recorded_by TEXT, recorded_at TEXT
    ) STRICT;
CREATE INDEX log_client ON log (client_id);
CREATE TABLE work (idempotency_key TEXT NOT NULL PRIMARY KEY, body_digest TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO record VALUES ('book', 'book', 1, '{"currency":"KRW","format":2,"zone":"Asia/Seoul"}', '[]');
INSERT INTO record VALUES ('client', 'c-17', 1, '{"format":2,"id":"c-17","name":"김철수","owner_id":"lee"}', '[["owner_id","lee"]]');
INSERT INTO record VALUES ('client', 'c-18', 2, '{"format":2,"id":"c-18","name":"O''Brien & Co","owner_id":"lee"}', '[["owner_id","lee"]]');
INSERT INTO record VALUES ('note', 'gone', 1, NULL, '[]');
INSERT INTO record VALUES ('person', 'p-1', 1, '{"client_id":"c-17","format":2,"id":"p-1","name":"박영희"}', '[["client_id","c-17"]]');
INSERT INTO record VALUES ('staff', 'kim', 1, '{"format":2,"id":"kim","name":"Kim"}', '[]');
INSERT INTO record VALUES ('staff', 'lee', 1, '{"format":2,"id":"lee","name":"이민호"}', '[]');
INSERT INTO record_key VALUES ('client', 'owner_id', 'lee', 'c-17');
INSERT INTO record_key VALUES ('client', 'owner_id', 'lee', 'c-18');
INSERT INTO record_key VALUES ('person', 'client_id', 'c-17', 'p-1');
INSERT INTO log VALUES (1, 'touchpoint:t-1', 'touchpoint', 'c-17', '{"channel":"call","client_id":"c-17","format":2,"id":"t-1","occurred_at":"2026-03-01","outcome":"reached","staff_id":"lee"}', 'lee', NULL);
INSERT INTO log VALUES (2, 'change:client:c-18:2', 'change', 'c-18', '{"format":2,"kind":"client","record_id":"c-18","version":2}', 'lee', '2026-03-02T00:00:00+00:00');
INSERT INTO work VALUES ('k-1', 'd1');
INSERT INTO work VALUES ('k-2', '');
INSERT INTO work VALUES ('k-3', '');
UPDATE sqlite_sequence SET seq = 40 WHERE name = 'log';
