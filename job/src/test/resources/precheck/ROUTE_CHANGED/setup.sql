-- destination
CREATE SCHEMA pg2adb;
CREATE TABLE pg2adb.chunk (task text, "schema" text, "table" text, chunk int);
CREATE TABLE pg2adb.route (task text, "schema" text, "table" text, sink_schema text, sink_table text, columns text[], sink_columns text[], constant text);
INSERT INTO pg2adb.chunk VALUES ('${task}', 'public', 'plain', 0), ('${task}', 'public', 'gone', 0);
INSERT INTO pg2adb.route VALUES ('${task}', 'public', 'plain', 'public', 'plain', '{id,v}', '{id,v}', ''),
  ('${task}', 'public', 'free', 'public', 'other', '{id}', '{no}', '');
CREATE TABLE public.plain (id int PRIMARY KEY, v text);
-- source
CREATE TABLE public.free (id int PRIMARY KEY);
CREATE TABLE public.gone (id int PRIMARY KEY);
