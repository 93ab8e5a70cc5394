-- source
SELECT pg_create_physical_replication_slot('precheck_standby');
