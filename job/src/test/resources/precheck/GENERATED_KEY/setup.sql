-- source
CREATE TABLE doubled (id int NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED PRIMARY KEY);
