-- source
SELECT pg_create_physical_replication_slot('precheck_held', true);
INSERT INTO plain VALUES (1, 'a');
SELECT pg_switch_wal();
INSERT INTO plain VALUES (2, 'a');
SELECT pg_switch_wal();
INSERT INTO plain VALUES (3, 'a');
SELECT pg_switch_wal();
INSERT INTO plain VALUES (4, 'a');
