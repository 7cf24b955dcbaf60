-- Only as the next of the chain: the head is one below.
INSERT INTO pii_receipt (tenant, sequence, body)
SELECT ?1, ?2, ?3
WHERE ?2 = 1 + coalesce((SELECT max(sequence) FROM pii_receipt WHERE tenant = ?1), 0);
