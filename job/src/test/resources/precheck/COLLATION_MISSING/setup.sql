-- source
CREATE COLLATION plainly (locale = 'C');
ALTER TABLE plain ADD COLUMN name text COLLATE plainly;
