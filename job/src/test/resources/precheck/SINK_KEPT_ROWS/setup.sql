-- source
CREATE TABLE journal (at timestamptz, what text);
-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
INSERT INTO plain VALUES (1, 'stays');
CREATE TABLE journal (at timestamptz, what text);
INSERT INTO journal VALUES (now(), 'there');
