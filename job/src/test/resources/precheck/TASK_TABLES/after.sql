-- destination
DELETE FROM pg2adb.chunk;
