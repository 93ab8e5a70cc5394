-- source
SELECT pg_drop_replication_slot('precheck_standby');
