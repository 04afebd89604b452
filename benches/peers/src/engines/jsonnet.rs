//! Jsonnet by jrsonnet: a function of the request, read and evaluated once. Its objects are lazy, so that the result of both
//! figures is the text of the claims.

use std::borrow::Cow;
use std::rc::Rc;

use jrsonnet_evaluator::function::NativeFn;
use jrsonnet_evaluator::manifest::JsonFormat;
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::{State, Val};
use jrsonnet_stdlib::ContextInitializer;
use serde_json::Value;

use crate::engine::{Engine, Plain, by_pair, plain};
use crate::workload::{Condition, Form, Workload};

/// A file that has been evaluated to a function.
struct File {
    state: State,
    function: NativeFn<(Val, Val)>,
}

/// One object with a conditional member for each rule.
pub(crate) struct Jsonnet(File);

/// A function for each audience and client, in an object of Jsonnet's own.
pub(crate) struct JsonnetIndex(File);

fn object(rules: &[Plain], indexed: bool) -> String {
    let mut text = String::from("{\n");
    for rule in rules {
        let mut conditions = Vec::new();
        if !indexed {
            conditions.push(format!("r.audience == {:?} && r.client == {:?}", rule.audience, rule.client));
        }
        match rule.condition {
            Condition::Scope(scope) => conditions.push(format!("std.member(r.scopes, {scope:?})")),
            Condition::Verified => conditions.push("r.user.email_verified".to_owned()),
            _ => {}
        }
        let name = if conditions.is_empty() {
            format!("{:?}", rule.name)
        } else {
            format!("[if {} then {:?}]", conditions.join(" && "), rule.name)
        };
        let value = match rule.value {
            Form::Email => "r.user.email".to_owned(),
            Form::Roles => "r.user.roles".to_owned(),
            Form::Handle => "\"acct:\" + std.asciiLower(r.user.nickname)".to_owned(),
            Form::Verified => "r.user.email_verified".to_owned(),
            Form::Constant(number) => format!("\"tier-{number}\""),
            Form::Country => "r.user.address.country".to_owned(),
            _ => "if \"department\" in r.user then r.user.department else \"none\"".to_owned(),
        };
        text.push_str(&format!("  {name}: {value},\n"));
    }
    text + "}"
}

impl File {
    fn load(text: &str) -> Result<Self, String> {
        let mut builder = State::builder();
        builder.context_initializer(ContextInitializer::new(PathResolver::FileName));
        let state = builder.build();
        let function = {
            let _guard = state.enter();
            let value = state.evaluate_snippet("policy.jsonnet", text).map_err(|error| error.to_string())?;
            let function = value.as_func().ok_or("not a function")?;
            NativeFn::try_from(function).map_err(|error: jrsonnet_evaluator::Error| error.to_string())?
        };
        Ok(File { state, function })
    }

    fn run(&self, input: &Val) -> String {
        let _guard = self.state.enter();
        let claims = self.function.call(input.clone()).expect("a result");
        claims.manifest(JsonFormat::minify()).expect("it is JSON")
    }
}

macro_rules! engine {
    ($engine:ident, $source:expr) => {
        impl Engine for $engine {
            type Source = String;
            type Input = Val;
            type Output = String;

            fn source(workload: &Workload) -> String {
                $source(workload)
            }

            fn load(source: &String) -> Result<Self, String> {
                File::load(source).map($engine)
            }

            fn input(&self, request: &Rc<Value>) -> Val {
                serde_json::from_value(Value::clone(request)).expect("it is JSON")
            }

            fn run(&self, input: &Val, output: &mut String) {
                *output = self.0.run(input);
            }

            fn text<'a>(&self, output: &'a String) -> Cow<'a, [u8]> {
                output.as_bytes().into()
            }
        }
    };
}

engine!(Jsonnet, |workload: &Workload| format!("function(r) {}", object(&plain(workload), false)));
engine!(JsonnetIndex, |workload: &Workload| {
    let functions = by_pair(workload).into_iter().map(|((audience, client), rules)| {
        format!("  {:?}(r): {},\n", format!("{audience} {client}"), object(&rules, true))
    });
    format!(
        "local index = {{\n{}}};\nfunction(r)\n  local key = r.audience + \" \" + r.client;\n  if key in index then \
         index[key](r) else {{}}\n",
        functions.collect::<String>()
    )
});
