-- destination
CREATE TABLE plain (id int PRIMARY KEY DEFERRABLE, v text);
