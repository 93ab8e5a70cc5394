-- destination
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.position (task text, lane int, commit_lsn pg_lsn);
INSERT INTO pg2adb.position VALUES ('${task}', 0, '0/10');
