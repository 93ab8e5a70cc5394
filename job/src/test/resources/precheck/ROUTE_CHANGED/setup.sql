-- destination
CREATE TABLE kept (id int PRIMARY KEY, v text);
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.chunk (task text, "schema" text, "table" text);
INSERT INTO pg2adb.chunk VALUES ('${task}', 'public', 'plain');
