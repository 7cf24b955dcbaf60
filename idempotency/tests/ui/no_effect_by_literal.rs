use skeleton_idempotency::NoEffect;

fn made_up() -> NoEffect {
    NoEffect(())
}

fn main() {}
