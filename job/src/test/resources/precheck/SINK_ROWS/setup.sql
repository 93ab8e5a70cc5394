-- source
CREATE TABLE empty (id int PRIMARY KEY);
CREATE TABLE parts (id int PRIMARY KEY);
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
INSERT INTO plain VALUES (1, 'there');
CREATE TABLE empty (id int PRIMARY KEY);
INSERT INTO empty VALUES (1);
DELETE FROM empty;
CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
INSERT INTO parts VALUES (1);
