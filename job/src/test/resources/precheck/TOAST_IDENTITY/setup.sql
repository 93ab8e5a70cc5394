-- source
ALTER TABLE plain ALTER COLUMN v SET STORAGE EXTERNAL;
INSERT INTO plain VALUES (1, repeat('x', 100000));
CREATE TABLE small (id int PRIMARY KEY, v text);
INSERT INTO small VALUES (1, 'x');
