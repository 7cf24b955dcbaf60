fn main() {
    let _ = skeleton_invocation_context::step!("A b");
}
