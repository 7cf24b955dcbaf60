SELECT container, meter, units FROM usage_view ORDER BY container, meter;
