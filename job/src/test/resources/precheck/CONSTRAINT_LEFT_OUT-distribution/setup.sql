-- source
ALTER TABLE plain ADD CONSTRAINT plain_both UNIQUE (v, id);
CREATE TABLE spread (id int PRIMARY KEY);
CREATE TABLE everywhere (id int PRIMARY KEY, v text CONSTRAINT everywhere_v UNIQUE);
