-- source
CREATE TABLE log (at timestamptz, what text);
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
INSERT INTO plain VALUES (1, 'stays');
CREATE TABLE log (at timestamptz, what text);
INSERT INTO log VALUES (now(), 'there');
