-- source
ALTER SYSTEM RESET max_slot_wal_keep_size;
SELECT pg_reload_conf();
