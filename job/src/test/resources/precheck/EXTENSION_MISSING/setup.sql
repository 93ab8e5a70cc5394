-- source
CREATE EXTENSION citext;
ALTER TABLE plain ADD COLUMN name citext;
