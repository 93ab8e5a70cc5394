-- source
ALTER DATABASE "${source.database}" SET TimeZone TO 'Asia/Tokyo';
ALTER DATABASE "${source.database}" SET DateStyle TO German, DMY;
ALTER DATABASE "${source.database}" SET IntervalStyle TO 'iso_8601';
