use skeleton_pii_crypto::Pii;

fn print(name: &Pii<String>) {
    println!("{name}");
}

fn main() {}
