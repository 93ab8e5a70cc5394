-- source
ALTER TABLE root DETACH PARTITION leaf;
