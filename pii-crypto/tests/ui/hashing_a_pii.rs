use std::hash::Hash;

use skeleton_pii_crypto::Pii;

fn key_of_a_map<T: Hash>() {}

fn main() {
    key_of_a_map::<Pii<String>>();
}
