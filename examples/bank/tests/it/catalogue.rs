//! What the bank protects is as it was published.

#[test]
fn the_catalogue_is_as_it_was_published() {
    skeleton_authz::assert_locked!(bank::catalogue::Bank, "permissions.lock");
}
