-- destination
ALTER ROLE ${role} CONNECTION LIMIT 3;
