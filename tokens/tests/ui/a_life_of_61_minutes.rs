use skeleton_tokens::TokenLifetime;

const TOO_LONG: TokenLifetime = TokenLifetime::minutes::<61>();

fn main() {
    println!("{TOO_LONG:?}");
}
