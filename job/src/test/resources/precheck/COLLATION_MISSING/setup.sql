-- source
CREATE SCHEMA "Other";
CREATE COLLATION "Other".plainly (locale = 'C');
ALTER TABLE plain ADD COLUMN name text COLLATE "Other".plainly;
