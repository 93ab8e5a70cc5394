-- destination
CREATE TABLE plain (id int, v text);
