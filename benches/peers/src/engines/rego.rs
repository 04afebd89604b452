//! Rego by regorus: claims are a partial object. Its virtual machine, and its interpreter.

use std::borrow::Cow;
use std::cell::RefCell;
use std::num::{NonZeroU32, NonZeroUsize};
use std::rc::Rc;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{PolicyLengthConfig, Value as RegoValue};
use serde_json::Value;

use crate::engine::{Engine, Pair, Plain, Table, by_pair, plain, text};
use crate::workload::{Condition, Form, Workload};

/// The virtual machine with all rules in one program.
pub(crate) struct RegoVm(RefCell<RegoVM>);

/// The interpreter with all rules.
pub(crate) struct RegoInterpreter(RefCell<regorus::Engine>);

/// A virtual machine for each audience and client.
pub(crate) struct RegoVmIndex {
    machines: Vec<RefCell<RegoVM>>,
    index: Table<usize>,
}

/// A request as Rego has it, and what the index asks.
pub(crate) struct Input {
    value: RegoValue,
    pair: Pair,
}

const ENTRY: &str = "data.policy.claims";

fn module(rules: &[Plain], indexed: bool) -> String {
    let mut module = String::from("package policy\n\nimport rego.v1\n\n");
    for rule in rules {
        let mut conditions = Vec::new();
        if !indexed {
            conditions.push(format!("input.audience == {:?}", rule.audience));
            conditions.push(format!("input.client == {:?}", rule.client));
        }
        match rule.condition {
            Condition::Scope(scope) => conditions.push(format!("{scope:?} in input.scopes")),
            Condition::Verified => conditions.push("input.user.email_verified".to_owned()),
            _ => {}
        }
        // A constant in the head would be a rule of its own, and `claims` none that can be asked for.
        conditions.push(format!("name := {:?}", rule.name));
        let value = match rule.value {
            Form::Email => "input.user.email".to_owned(),
            Form::Roles => "input.user.roles".to_owned(),
            Form::Handle => "concat(\"\", [\"acct:\", lower(input.user.nickname)])".to_owned(),
            Form::Verified => "input.user.email_verified".to_owned(),
            Form::Constant(number) => format!("\"tier-{number}\""),
            Form::Country => "input.user.address.country".to_owned(),
            _ => "object.get(input.user, \"department\", \"none\")".to_owned(),
        };
        module.push_str(&format!("claims[name] := {value} if {{ {} }}\n", conditions.join("; ")));
    }
    module
}

fn engine(module: &str) -> Result<regorus::Engine, String> {
    let mut engine = regorus::Engine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: NonZeroU32::MAX,
        max_file_bytes: NonZeroUsize::MAX,
        max_lines: NonZeroUsize::MAX,
    });
    engine.add_policy("policy.rego".to_owned(), module.to_owned()).map_err(|error| error.to_string())?;
    Ok(engine)
}

fn machine(module: &str) -> Result<RefCell<RegoVM>, String> {
    let policy = engine(module)?.compile_with_entrypoint(&ENTRY.into()).map_err(|error| error.to_string())?;
    let program = Compiler::compile_from_policy(&policy, &[ENTRY]).map_err(|error| error.to_string())?;
    let mut machine = RegoVM::new_with_policy(policy);
    machine.set_max_instructions(usize::MAX);
    machine.load_program(program);
    Ok(RefCell::new(machine))
}

fn input(request: &Value) -> Input {
    Input {
        value: RegoValue::from(request.clone()),
        pair: (text(request, "audience").to_owned(), text(request, "client").to_owned()),
    }
}

fn execute(machine: &RefCell<RegoVM>, input: &Input) -> RegoValue {
    let mut machine = machine.borrow_mut();
    machine.set_input(input.value.clone());
    machine.execute().expect("it ends")
}

fn json(output: Option<&RegoValue>) -> Cow<'static, [u8]> {
    match output {
        None | Some(RegoValue::Undefined) => b"{}".into(),
        Some(value) => value.to_json_str().expect("it is JSON").into_bytes().into(),
    }
}

impl Engine for RegoVm {
    type Source = String;
    type Input = Input;
    type Output = Option<RegoValue>;

    fn source(workload: &Workload) -> String {
        module(&plain(workload), false)
    }

    fn load(source: &String) -> Result<Self, String> {
        machine(source).map(RegoVm)
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        input(request)
    }

    fn run(&self, input: &Input, output: &mut Self::Output) {
        *output = Some(execute(&self.0, input));
    }

    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]> {
        json(output.as_ref())
    }
}

impl Engine for RegoInterpreter {
    type Source = String;
    type Input = Input;
    type Output = Option<RegoValue>;

    fn source(workload: &Workload) -> String {
        module(&plain(workload), false)
    }

    fn load(source: &String) -> Result<Self, String> {
        let mut engine = engine(source)?;
        // The first evaluation prepares the rules.
        engine.set_input(RegoValue::new_object());
        engine.eval_rule(ENTRY.to_owned()).map_err(|error| error.to_string())?;
        Ok(RegoInterpreter(RefCell::new(engine)))
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        input(request)
    }

    fn run(&self, input: &Input, output: &mut Self::Output) {
        let mut engine = self.0.borrow_mut();
        engine.set_input(input.value.clone());
        *output = Some(engine.eval_rule(ENTRY.to_owned()).expect("it ends"));
    }

    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]> {
        json(output.as_ref())
    }
}

impl Engine for RegoVmIndex {
    type Source = Vec<(Pair, String)>;
    type Input = Input;
    type Output = Option<RegoValue>;

    fn source(workload: &Workload) -> Self::Source {
        by_pair(workload).into_iter().map(|(pair, rules)| (pair, module(&rules, true))).collect()
    }

    fn load(source: &Self::Source) -> Result<Self, String> {
        let mut index = Table::default();
        for (number, ((audience, client), _)) in source.iter().enumerate() {
            index.insert(audience, client, number);
        }
        let machines = source.iter().map(|(_, module)| machine(module)).collect::<Result<_, _>>()?;
        Ok(RegoVmIndex { machines, index })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        input(request)
    }

    fn run(&self, input: &Input, output: &mut Self::Output) {
        let machine = self.index.get(&input.pair.0, &input.pair.1);
        *output = machine.map(|machine| execute(&self.machines[machine], input));
    }

    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]> {
        json(output.as_ref())
    }
}
