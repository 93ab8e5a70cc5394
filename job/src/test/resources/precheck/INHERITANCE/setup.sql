-- source
CREATE SCHEMA other;
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE other.child (PRIMARY KEY (id)) INHERITS (parent);
