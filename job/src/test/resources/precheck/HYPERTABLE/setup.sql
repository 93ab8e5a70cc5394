-- source
CREATE SCHEMA _timescaledb_catalog;
CREATE TABLE _timescaledb_catalog.hypertable (schema_name name, table_name name);
CREATE TABLE metrics (at timestamptz PRIMARY KEY);
INSERT INTO _timescaledb_catalog.hypertable VALUES ('public', 'metrics');
