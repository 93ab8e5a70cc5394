-- source
CREATE TABLE same (id int PRIMARY KEY, at timestamptz(3), v varchar(10)[]);
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v varchar(3));
INSERT INTO plain VALUES (1, 'abc');
CREATE TABLE same (id int PRIMARY KEY, at timestamptz(3), v varchar(10)[]);
