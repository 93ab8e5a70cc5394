-- source
ALTER ROLE ${role} NOREPLICATION;
