use skeleton_tenancy_tree::Node;

fn keep(_: impl serde::Serialize) {}

fn store(node: Node<'_>) {
    keep(node);
}

fn main() {}
