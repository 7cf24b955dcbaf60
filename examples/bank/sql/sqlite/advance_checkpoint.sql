-- Moves only from where the consumer believes to stand; a consumer that never committed stands at 0.
INSERT INTO checkpoint (consumer, position) SELECT ?1, ?3
WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM checkpoint WHERE consumer = ?1)
ON CONFLICT (consumer) DO UPDATE SET position = excluded.position WHERE checkpoint.position = ?2;
