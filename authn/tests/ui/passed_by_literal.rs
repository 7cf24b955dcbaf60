use skeleton_authn::Authn;
use skeleton_authn::Challenge;
use skeleton_authn::Passed;

fn forged(authn: Authn, state: Passed) -> Challenge<Passed> {
    Challenge { authn, state }
}

fn main() {}
