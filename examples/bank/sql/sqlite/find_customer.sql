SELECT country, name FROM customer_view WHERE customer = ?1;
