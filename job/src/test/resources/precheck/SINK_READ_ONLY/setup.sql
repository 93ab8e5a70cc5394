-- destination
ALTER ROLE ${role} IN DATABASE "${sink.database}" SET default_transaction_read_only = on;
