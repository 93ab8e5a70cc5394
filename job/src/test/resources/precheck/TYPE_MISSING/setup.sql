-- source
CREATE TABLE spans (id int PRIMARY KEY, spans pg_brin_bloom_summary);
