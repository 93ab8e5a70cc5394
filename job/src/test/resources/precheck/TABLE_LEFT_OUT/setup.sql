-- source
CREATE FOREIGN DATA WRAPPER precheck;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER precheck;
CREATE FOREIGN TABLE remote (id int) SERVER elsewhere;
