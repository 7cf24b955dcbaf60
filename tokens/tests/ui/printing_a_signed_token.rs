use skeleton_tokens::AccessToken;
use skeleton_tokens::SignedToken;

fn print(token: &SignedToken<AccessToken>) {
    println!("{token}");
}

fn main() {}
