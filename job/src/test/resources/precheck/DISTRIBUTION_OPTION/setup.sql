-- source
CREATE TABLE keyless (v text, b box);
ALTER TABLE keyless REPLICA IDENTITY FULL;
CREATE TABLE boxes (id int PRIMARY KEY, b box);
