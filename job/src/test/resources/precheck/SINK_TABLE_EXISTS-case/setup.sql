-- destination
CREATE TABLE "Plain" (id int PRIMARY KEY, v text);
