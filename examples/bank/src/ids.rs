//! The bank's own kinds of ids.

skeleton_invocation_context::ulid_id! {
    /// A ledger object. *Account* alone is an actor's.
    pub struct BankAccountId;
    /// A customer of the bank: a data subject.
    pub struct CustomerId;
}
