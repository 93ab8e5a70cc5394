-- source
CREATE TABLE spans (id int PRIMARY KEY, spans int4multirange);
