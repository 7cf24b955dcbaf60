SELECT coalesce(max(version), 0) FROM event WHERE stream = ?1;
