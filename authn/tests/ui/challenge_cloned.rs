use skeleton_authn::Challenge;
use skeleton_authn::Passed;

fn kept(challenge: &Challenge<Passed>) -> Challenge<Passed> {
    challenge.clone()
}

fn main() {}
