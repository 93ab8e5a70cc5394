-- destination
ALTER ROLE ${role} RESOURCE QUEUE none;
DROP RESOURCE QUEUE ${task};
