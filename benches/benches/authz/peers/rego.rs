//! Rego by regorus, interpreted and on its virtual machine. The data is laid out so that only the path is walked: the
//! user's roles by container, and a role's permissions as keys.

use std::collections::BTreeMap;

use regorus::Engine;
use regorus::Rc;
use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use serde_json::Value as Json;
use serde_json::json;
use skeleton_invocation_context::ContainerId;

use super::Peer;
use crate::world::ASKED;
use crate::world::World;

const POLICY: &str = include_str!("policy.rego");
const ENTRY: &str = "data.authz.allow";

pub(super) struct Interpreter(Engine);

pub(super) struct Machine(RegoVM);

impl Peer for Interpreter {
    const NAME: &'static str = "regorus";
    type Question = Value;

    fn of(world: &World) -> Self {
        let mut engine = engine();
        engine.add_data(data(world)).unwrap();
        Self(engine)
    }

    fn question(&self, at: ContainerId) -> Value {
        input(at)
    }

    fn allows(&mut self, question: &Value) -> bool {
        self.0.set_input(question.clone());
        let answer = self.0.eval_rule(ENTRY.to_owned()).unwrap();
        *answer.as_bool().unwrap()
    }
}

impl Peer for Machine {
    const NAME: &'static str = "regorus-rvm";
    type Question = Value;

    fn of(world: &World) -> Self {
        let entry: Rc<str> = ENTRY.into();
        let compiled = engine().compile_with_entrypoint(&entry).unwrap();
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY]).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_data(data(world)).unwrap();
        Self(machine)
    }

    fn question(&self, at: ContainerId) -> Value {
        input(at)
    }

    fn allows(&mut self, question: &Value) -> bool {
        self.0.set_input(question.clone());
        let answer = self.0.execute().unwrap();
        *answer.as_bool().unwrap()
    }
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine
        .add_policy("policy.rego".to_owned(), POLICY.to_owned())
        .unwrap();
    engine
}

fn input(at: ContainerId) -> Value {
    let input = [("scope", at.to_string()), ("permission", ASKED.to_owned())];
    let input: BTreeMap<Value, Value> = input
        .into_iter()
        .map(|(name, value)| (Value::from(name), Value::from(value)))
        .collect();
    Value::from(input)
}

fn data(world: &World) -> Value {
    let paths = (0..world.ids.len()).map(|number| {
        let path: Vec<_> = world.upward(number).map(|at| world.ids[at]).collect();
        (world.ids[number].to_string(), json!(path))
    });
    let mut held: BTreeMap<ContainerId, Vec<&str>> = BTreeMap::new();
    for (role, at) in &world.grants {
        held.entry(world.ids[*at])
            .or_default()
            .push(&world.roles[*role].name);
    }
    let held = held
        .into_iter()
        .map(|(at, roles)| (at.to_string(), json!(roles)));
    let roles = world.roles.iter().map(|role| {
        let holds = role
            .holds
            .iter()
            .map(|name| (name.clone(), Json::Bool(true)));
        (role.name.clone(), Json::Object(holds.collect()))
    });
    let data = json!({
        "paths": Json::Object(paths.collect()),
        "held": Json::Object(held.collect()),
        "roles": Json::Object(roles.collect()),
    });
    Value::from(data)
}
