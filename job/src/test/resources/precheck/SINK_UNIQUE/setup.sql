-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
CREATE UNIQUE INDEX plain_lower ON plain (id, lower(v));
