INSERT INTO audit (entry) VALUES (?1);
