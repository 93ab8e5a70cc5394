-- source
ALTER TABLE plain ADD COLUMN amount numeric(12,3), ADD COLUMN n int;
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text, n int GENERATED ALWAYS AS (1) STORED, extra text NOT NULL);
