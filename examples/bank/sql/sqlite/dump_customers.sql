SELECT customer, container, country, name FROM customer_view ORDER BY customer;
