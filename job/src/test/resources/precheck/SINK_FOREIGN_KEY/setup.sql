-- destination
CREATE TABLE plain (id int PRIMARY KEY, v text);
CREATE TABLE other (id int PRIMARY KEY);
ALTER TABLE plain ADD CONSTRAINT refers FOREIGN KEY (id) REFERENCES other;
