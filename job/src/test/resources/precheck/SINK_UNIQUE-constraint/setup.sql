-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text, CONSTRAINT plain_both UNIQUE (id, v));
