use skeleton_idempotency::Grant;
use skeleton_idempotency::Owner;

fn made_up(owner: Owner) -> Grant {
    Grant { epoch: 1, owner }
}

fn main() {}
