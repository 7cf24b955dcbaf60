SELECT seq FROM audit WHERE mark = ?1;
