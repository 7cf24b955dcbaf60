INSERT INTO usage_view (container, meter, units) VALUES (?1, ?2, ?3)
ON CONFLICT (container, meter) DO UPDATE SET units = units + excluded.units;
