use skeleton_tokens::AccessToken;
use skeleton_tokens::SignedToken;

fn trust(token: &SignedToken<AccessToken>) {
    let _ = token.identity();
}

fn main() {}
