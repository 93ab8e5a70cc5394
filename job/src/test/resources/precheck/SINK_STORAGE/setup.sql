-- destination
CREATE TABLE plain (id int, v text) WITH (appendoptimized = true, orientation = column) DISTRIBUTED BY (id);
INSERT INTO plain VALUES (1, 'a');
