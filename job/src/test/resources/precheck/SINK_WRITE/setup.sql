-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
GRANT SELECT, INSERT ON plain TO ${role};
