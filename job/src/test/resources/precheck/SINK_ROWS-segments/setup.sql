-- source
CREATE TABLE heap (id int PRIMARY KEY);
CREATE TABLE rows (id int PRIMARY KEY);
CREATE TABLE columns (id int PRIMARY KEY);
CREATE TABLE copies (id int PRIMARY KEY);
CREATE TABLE parts (id int PRIMARY KEY);
CREATE TABLE never (id int PRIMARY KEY);
CREATE TABLE emptied (id int PRIMARY KEY);
CREATE TABLE emptied_rows (id int PRIMARY KEY);
-- destination
CREATE TABLE heap (id int) DISTRIBUTED BY (id);
INSERT INTO heap VALUES (1);
CREATE TABLE rows (id int) WITH (appendoptimized = true) DISTRIBUTED BY (id);
INSERT INTO rows VALUES (1);
CREATE TABLE columns (id int) WITH (appendoptimized = true, orientation = column) DISTRIBUTED RANDOMLY;
INSERT INTO columns VALUES (1);
CREATE TABLE copies (id int) DISTRIBUTED REPLICATED;
INSERT INTO copies VALUES (1);
CREATE TABLE parts (id int) DISTRIBUTED BY (id) PARTITION BY RANGE (id) (START (0) END (10) EVERY (5));
INSERT INTO parts VALUES (7);
CREATE TABLE never (id int) DISTRIBUTED BY (id);
CREATE TABLE emptied (id int) DISTRIBUTED BY (id);
INSERT INTO emptied VALUES (1);
DELETE FROM emptied;
CREATE TABLE emptied_rows (id int) WITH (appendoptimized = true) DISTRIBUTED BY (id);
INSERT INTO emptied_rows VALUES (1);
DELETE FROM emptied_rows;
