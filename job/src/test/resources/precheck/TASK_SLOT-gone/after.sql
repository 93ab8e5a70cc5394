-- destination
DELETE FROM pg2adb.position;
