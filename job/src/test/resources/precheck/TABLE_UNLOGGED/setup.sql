-- source
CREATE UNLOGGED TABLE fast (id int PRIMARY KEY);
