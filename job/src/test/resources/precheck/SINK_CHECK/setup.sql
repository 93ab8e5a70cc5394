-- source
ALTER TABLE plain ADD CHECK (id > 0);
-- destination
CREATE TABLE plain (id int PRIMARY KEY CHECK (id > 0), v text CONSTRAINT short CHECK (length(v) < 5));
