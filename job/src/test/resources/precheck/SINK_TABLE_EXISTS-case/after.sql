-- destination
ALTER TABLE "Plain" RENAME TO plain_before;
