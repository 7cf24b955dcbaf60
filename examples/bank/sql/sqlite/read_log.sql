SELECT position, stream, version, body FROM event WHERE position > ?1 ORDER BY position LIMIT ?2;
