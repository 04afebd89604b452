//! Rhai: a script that fills a map.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use rhai::{AST, Dynamic, Engine as RhaiEngine, Scope};
use serde_json::{Map, Value};

use crate::engine::{Engine, Pair, Plain, Table, by_pair, plain, text};
use crate::workload::{Condition, Form, Workload};

/// All rules in one script.
pub(crate) struct Rhai {
    engine: RhaiEngine,
    script: AST,
}

/// A script for each audience and client.
pub(crate) struct RhaiIndex {
    engine: RhaiEngine,
    scripts: Vec<AST>,
    index: Table<usize>,
}

/// A request as a variable of a script, and what the index asks.
pub(crate) struct Input {
    scope: RefCell<Scope<'static>>,
    pair: Pair,
}

fn script(rules: &[Plain], indexed: bool) -> String {
    let mut script = String::from("let c = #{};\n");
    for rule in rules {
        let mut conditions = Vec::new();
        if !indexed {
            conditions.push(format!("r.audience == {:?} && r.client == {:?}", rule.audience, rule.client));
        }
        match rule.condition {
            Condition::Scope(scope) => conditions.push(format!("{scope:?} in r.scopes")),
            Condition::Verified => conditions.push("r.user.email_verified".to_owned()),
            _ => {}
        }
        let value = match rule.value {
            Form::Email => "r.user.email".to_owned(),
            Form::Roles => "r.user.roles".to_owned(),
            Form::Handle => "\"acct:\" + r.user.nickname.to_lower()".to_owned(),
            Form::Verified => "r.user.email_verified".to_owned(),
            Form::Constant(number) => format!("\"tier-{number}\""),
            Form::Country => "r.user.address.country".to_owned(),
            _ => "r.user.department ?? \"none\"".to_owned(),
        };
        let write = format!("c[{:?}] = {value};", rule.name);
        if conditions.is_empty() {
            script.push_str(&format!("{write}\n"));
        } else {
            script.push_str(&format!("if {} {{ {write} }}\n", conditions.join(" && ")));
        }
    }
    script + "c"
}

fn engine() -> RhaiEngine {
    let mut engine = RhaiEngine::new();
    engine.set_max_expr_depths(0, 0);
    engine
}

fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.as_i64().expect("a whole number").into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(dynamic).collect::<rhai::Array>().into(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| (name.as_str().into(), dynamic(member)));
            members.collect::<rhai::Map>().into()
        }
    }
}

fn json(value: &Dynamic) -> Value {
    if let Ok(value) = value.as_bool() {
        value.into()
    } else if let Ok(text) = value.as_immutable_string_ref() {
        text.as_str().into()
    } else if let Ok(items) = value.as_array_ref() {
        items.iter().map(json).collect()
    } else {
        let members = value.as_map_ref().expect("nothing else is written");
        Value::Object(
            members.iter().map(|(name, value)| (name.to_string(), json(value))).collect::<Map<_, _>>(),
        )
    }
}

fn input(request: &Value) -> Input {
    let mut scope = Scope::new();
    scope.push_dynamic("r", dynamic(request));
    let pair = (text(request, "audience").to_owned(), text(request, "client").to_owned());
    Input { scope: RefCell::new(scope), pair }
}

fn run(engine: &RhaiEngine, script: &AST, input: &Input) -> Dynamic {
    let mut scope = input.scope.borrow_mut();
    let claims = engine.eval_ast_with_scope(&mut scope, script).expect("claims");
    scope.rewind(1);
    claims
}

fn claims(output: &Dynamic) -> Cow<'static, [u8]> {
    if output.is_unit() {
        return b"{}".into();
    }
    serde_json::to_vec(&json(output)).expect("it is JSON").into()
}

impl Engine for Rhai {
    type Source = String;
    type Input = Input;
    type Output = Dynamic;

    fn source(workload: &Workload) -> String {
        script(&plain(workload), false)
    }

    fn load(source: &String) -> Result<Self, String> {
        let engine = engine();
        let script = engine.compile(source).map_err(|error| error.to_string())?;
        Ok(Rhai { engine, script })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        input(request)
    }

    fn run(&self, input: &Input, output: &mut Dynamic) {
        *output = run(&self.engine, &self.script, input);
    }

    fn text<'a>(&self, output: &'a Dynamic) -> Cow<'a, [u8]> {
        claims(output)
    }
}

impl Engine for RhaiIndex {
    type Source = Vec<(Pair, String)>;
    type Input = Input;
    type Output = Dynamic;

    fn source(workload: &Workload) -> Self::Source {
        by_pair(workload).into_iter().map(|(pair, rules)| (pair, script(&rules, true))).collect()
    }

    fn load(source: &Self::Source) -> Result<Self, String> {
        let engine = engine();
        let mut index = Table::default();
        for (number, ((audience, client), _)) in source.iter().enumerate() {
            index.insert(audience, client, number);
        }
        let scripts =
            source.iter().map(|(_, script)| engine.compile(script).map_err(|error| error.to_string()));
        Ok(RhaiIndex { scripts: scripts.collect::<Result<_, _>>()?, engine, index })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        input(request)
    }

    fn run(&self, input: &Input, output: &mut Dynamic) {
        let script = self.index.get(&input.pair.0, &input.pair.1);
        *output = script.map_or(Dynamic::UNIT, |script| run(&self.engine, &self.scripts[script], input));
    }

    fn text<'a>(&self, output: &'a Dynamic) -> Cow<'a, [u8]> {
        claims(output)
    }
}
