-- destination
DROP TABLE plain;
