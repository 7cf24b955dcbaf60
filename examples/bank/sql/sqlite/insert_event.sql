INSERT INTO event (position, stream, version, id, body) VALUES (?1, ?2, ?3, ?4, ?5);
