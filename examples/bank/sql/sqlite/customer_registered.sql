INSERT INTO customer_view (customer, container, country, name) VALUES (?1, ?2, ?3, ?4);
