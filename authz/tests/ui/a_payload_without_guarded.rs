use skeleton_authz::Operations;

#[derive(serde::Deserialize)]
struct OpenAccount {}

fn main() {
    let _ = Operations::new().guarded::<OpenAccount>("open-account");
}
