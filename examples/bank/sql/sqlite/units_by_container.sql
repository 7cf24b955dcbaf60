SELECT container, units FROM usage_view WHERE meter = ?1 ORDER BY container;
