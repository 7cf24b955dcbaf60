use skeleton_pii_crypto::{ForgetOrderId, Forgotten};

fn feign(order: ForgetOrderId) -> Forgotten {
    Forgotten { order, at: 0 }
}

fn main() {}
