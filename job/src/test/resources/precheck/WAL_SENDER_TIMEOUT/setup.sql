-- source
ALTER ROLE ${role} SET wal_sender_timeout = '5s';
