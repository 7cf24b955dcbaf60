use skeleton_invocation_context::{Actor, Agent, Beneficiary};

fn swapped(agent: Agent, of: Beneficiary) {
    let _ = Actor::on_behalf(of, agent);
}

fn main() {}
