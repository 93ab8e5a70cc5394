-- destination
DROP INDEX plain_lower;
