-- A book as the second schema of a SQLite store kept it; never to be changed.
PRAGMA application_id = 0x52434152;
PRAGMA user_version = 2;
CREATE TABLE log (
        position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, client_id TEXT NOT NULL,
        payload TEXT NOT NULL, recorded_by TEXT, recorded_at TEXT, digest INTEGER NOT NULL
    ) STRICT;
INSERT INTO "log" VALUES(1,'touchpoint:t-1','touchpoint','c-1','{"channel":"call","client_id":"c-1","direction":"incoming","follow_up_at":"2026-03-27T15:00:00+09:00[Asia/Seoul]","format":2,"id":"t-1","occurred_at":"2024-11-03T01:30:00-05:00[America/New_York]","staff_id":"lee"}','lee',NULL,8796187554331040226);
INSERT INTO "log" VALUES(2,'touchpoint:t-2','touchpoint','c-2','{"channel":"visit","client_id":"c-2","format":2,"id":"t-2","note":"a \"b\"\n\\","occurred_at":"2026-03-20"}','lee',NULL,-3688683223580962561);
INSERT INTO "log" VALUES(3,'purchase:b-1','purchase','c-1','{"amount":"12000.50 CNY","client_id":"c-1","format":2,"id":"b-1","purchased_on":"2026-03-20"}','lee',NULL,6859694239711783268);
INSERT INTO "log" VALUES(4,'consent:n-1','consent','c-1','{"channel":"message","client_id":"c-1","format":2,"id":"n-1","kind":"given","night":true,"purpose":"advertising","recorded_at":"2026-03-20T09:00:00+09:00[Asia/Seoul]","source":"form 7","start_on":"2026-03-20"}','lee','2026-03-20T09:00:00+09:00',2007826950371169013);
INSERT INTO "log" VALUES(5,'membership_event:m-1','membership_event','c-1','{"by":"lee","client_id":"c-1","end_on":"2026-06-01","format":2,"id":"m-1","on":"2026-03-02","programme_id":"vip","step":"granted"}','lee',NULL,-8051991089728537760);
CREATE TABLE record (
        kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT, keys TEXT NOT NULL, digest INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "record" VALUES('absences','lee',1,'{"absences":[{"deputy_id":"kim","end_on":"2026-08-24","reason":"leave","staff_id":"lee","start_on":"2026-08-03"}],"format":2,"staff_id":"lee"}','[]',1047011548260641316);
INSERT INTO "record" VALUES('appointment','a-1',1,'{"channel":"call","client_id":"c-1","format":2,"id":"a-1","minutes":30,"on":"2026-04-02","staff_id":"lee"}','[["client_id","c-1"]]',7587620279621840989);
INSERT INTO "record" VALUES('book','book',1,'{"currency":"CNY","format":2,"zone":"Asia/Seoul"}','[]',-5273511534282385614);
INSERT INTO "record" VALUES('client','c-1',1,'{"attributes":{"ours":true,"since":{"date":"2020-01-01"},"tags":{"set":["b","가"]},"weight":{"decimal":"1.50"}},"client_since_on":"2024-02-29","format":2,"id":"c-1","name":"王芳","owner_id":"lee","relationship_types":["client","partner"]}','[["owner_id","lee"]]',5159897477149185968);
INSERT INTO "record" VALUES('client','c-2',1,'{"format":2,"id":"c-2","name":"O''Brien & \"Co\"","owner_id":"kim"}','[["owner_id","kim"]]',-7065769090339313096);
INSERT INTO "record" VALUES('note','gone',1,NULL,'[]',-5401396029992184550);
INSERT INTO "record" VALUES('owners','c-1',1,'{"client_id":"c-1","format":2,"spells":[{"client_id":"c-1","end_on":"2026-02-01","note":"편지","owner_id":"kim","start_on":"2026-01-01"}]}','[]',-8297419198251224833);
INSERT INTO "record" VALUES('person','p-1',1,'{"birthday":"--02-29","client_id":"c-1","format":2,"id":"p-1","name":"王小明","role":"principal"}','[["client_id","c-1"]]',-7265350741140589125);
INSERT INTO "record" VALUES('pins','c-2',1,'{"client_id":"c-2","format":2,"pins":[{"by":"lee","client_id":"c-2","reason":"a promise","scheme_id":"abc","start_on":"2026-01-01","tier":"B"}]}','[]',154626142303115173);
INSERT INTO "record" VALUES('staff','kim',1,'{"format":2,"head_id":"lee","id":"kim","name":"Kim"}','[]',-938526984631989119);
INSERT INTO "record" VALUES('staff','lee',1,'{"birthday":"1980-02-29","format":2,"id":"lee","name":"이민호"}','[]',-4362732175346105629);
INSERT INTO "record" VALUES('tiers','c-1',1,'{"client_id":"c-1","format":2,"spells":[{"client_id":"c-1","end_on":"2026-02-01","scheme_id":"abc","start_on":"2026-01-01","tier":"A"}]}','[]',4367452974464479078);
CREATE TABLE record_key (
        kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (kind, name, value, id), FOREIGN KEY (kind, id) REFERENCES record (kind, id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "record_key" VALUES('appointment','client_id','c-1','a-1');
INSERT INTO "record_key" VALUES('client','owner_id','kim','c-2');
INSERT INTO "record_key" VALUES('client','owner_id','lee','c-1');
INSERT INTO "record_key" VALUES('person','client_id','c-1','p-1');
CREATE TABLE work (
        idempotency_key TEXT NOT NULL PRIMARY KEY, body_digest TEXT NOT NULL, digest INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "work" VALUES('k-1','d1',2538979343050542462);
INSERT INTO "work" VALUES('k-2','',-2771467357310724295);
CREATE INDEX log_client ON log (client_id);
UPDATE sqlite_sequence SET seq = 40 WHERE name = 'log';
