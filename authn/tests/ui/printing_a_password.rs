use skeleton_authn::Password;

fn print(password: &Password) {
    println!("{password}");
}

fn main() {}
