-- The condition of what the caller may see stands in place of FALSE; its values are bound from ?4 on.
SELECT mark, entry FROM audit WHERE seq > ?1 AND (account_id = ?2 OR (FALSE)) ORDER BY seq LIMIT ?3;
