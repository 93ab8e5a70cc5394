-- source
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, v text);
CREATE INDEX by_v ON s.t (v);
CREATE INDEX by_v ON plain (v);
CREATE INDEX plain_v ON plain (v);
CREATE UNIQUE INDEX plain_pkey2 ON plain (id, v);
