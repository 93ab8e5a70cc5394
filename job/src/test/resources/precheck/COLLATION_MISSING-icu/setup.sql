-- source
CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER TABLE plain ADD COLUMN name text COLLATE caseless;
