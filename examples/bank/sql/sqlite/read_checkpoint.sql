SELECT position FROM checkpoint WHERE consumer = ?1;
