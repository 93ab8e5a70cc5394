-- source
CREATE SCHEMA hidden;
CREATE TABLE hidden.t (id int PRIMARY KEY);
