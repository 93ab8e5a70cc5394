-- destination
DROP DATABASE IF EXISTS "${sink.database}_utf8";
