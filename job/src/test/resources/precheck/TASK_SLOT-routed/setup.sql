-- destination
CREATE TABLE kept (id int PRIMARY KEY, v text);
INSERT INTO kept VALUES (1, 'there');
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.position (task text, lane int, commit_lsn pg_lsn);
INSERT INTO pg2adb.position VALUES ('${task}', 0, '0/10');
CREATE TABLE pg2adb.chunk (task text, "schema" text, "table" text);
INSERT INTO pg2adb.chunk VALUES ('${task}', 'public', 'plain');
