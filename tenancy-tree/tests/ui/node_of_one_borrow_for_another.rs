use skeleton_tenancy_tree::Node;

fn pass<'a, 'b: 'a>(node: Node<'b>) -> Node<'a> {
    node
}

fn main() {}
