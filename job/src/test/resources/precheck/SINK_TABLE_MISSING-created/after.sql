-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
