-- destination
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.chunk (task text, "schema" text, "table" text);
INSERT INTO pg2adb.chunk VALUES ('another', 'public', 'plain');
