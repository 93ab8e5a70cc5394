-- source
CREATE TEMPORARY TABLE passing (id int PRIMARY KEY);
