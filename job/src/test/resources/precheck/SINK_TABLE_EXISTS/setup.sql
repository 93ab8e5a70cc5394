-- source
CREATE TABLE own (id int PRIMARY KEY);
CREATE TABLE shown (id int PRIMARY KEY);
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
CREATE TABLE own (id int PRIMARY KEY);
CREATE VIEW shown AS SELECT 1 AS id;
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.event (task text NOT NULL, recorded_at timestamptz NOT NULL, kind text NOT NULL, object text NOT NULL, detail text NOT NULL);
INSERT INTO pg2adb.event VALUES ('${task}', now(), 'table-created', 'public.own', ''), ('other', now(), 'table-created', 'public.plain', '');
