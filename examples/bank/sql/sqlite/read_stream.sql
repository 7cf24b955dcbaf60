SELECT position, stream, version, body FROM event WHERE stream = ?1 AND version > ?2 ORDER BY version LIMIT ?3;
