-- source
ALTER TABLE plain ADD CONSTRAINT plain_v UNIQUE (v), ADD CONSTRAINT plain_both UNIQUE (id, v);
CREATE TABLE keyless (id int CONSTRAINT keyless_id UNIQUE);
CREATE TABLE rooms (id int PRIMARY KEY, at int4range, EXCLUDE USING gist (at WITH &&));
