-- source
ALTER ROLE ${role} SET logical_decoding_work_mem = '1MB';
