//! CEL by the `cel` crate: a program for each condition and each value, because an expression cannot leave out a member.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use cel::{Context, Env, Program, extensions};
use serde_json::{Map, Value};

use crate::engine::{Engine, Plain, Table, by_pair, plain, text};
use crate::workload::{Condition, Form, Workload};

/// A rule as expressions.
pub(crate) struct Texts {
    pair: (String, String),
    name: String,
    condition: Option<String>,
    value: String,
}

struct Rule {
    name: String,
    condition: Option<Program>,
    value: Program,
}

/// What both engines have.
pub(crate) struct Programs {
    env: Arc<Env>,
    rules: Vec<Rule>,
}

/// All rules in turn.
pub(crate) struct Cel(Programs);

/// Only the rules of the request's audience and client.
pub(crate) struct CelIndex {
    programs: Programs,
    index: Table<(usize, usize)>,
}

/// A request as variables.
pub(crate) struct Input {
    pair: (String, String),
    context: Context<'static, 'static>,
}

impl Programs {
    fn compile(texts: &[Texts]) -> Result<Self, String> {
        let mut env = Env::stdlib();
        env.add_extension(extensions::strings).map_err(|error| error.to_string())?;
        let compile = |text: &str| env.compile(text).map_err(|error| error.to_string());
        let rules = texts.iter().map(|rule| {
            let condition = rule.condition.as_deref().map(compile).transpose()?;
            Ok(Rule { name: rule.name.clone(), condition, value: compile(&rule.value)? })
        });
        Ok(Programs { rules: rules.collect::<Result<_, String>>()?, env: Arc::new(env) })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        let mut context = Context::with_env(self.env.clone());
        for name in ["audience", "client", "scopes", "user"] {
            context
                .add_variable(name, cel::to_value(&request[name]).expect("it is JSON"))
                .expect("a variable");
        }
        Input { pair: (text(request, "audience").to_owned(), text(request, "client").to_owned()), context }
    }

    fn run(&self, rules: std::ops::Range<usize>, input: &Input, output: &mut Vec<(String, cel::Value)>) {
        output.clear();
        for rule in &self.rules[rules] {
            let holds = rule.condition.as_ref().is_none_or(|condition| {
                matches!(condition.execute(&input.context), Ok(cel::Value::Bool(true)))
            });
            if holds {
                let value = rule.value.execute(&input.context).expect("a value");
                output.push((rule.name.clone(), value));
            }
        }
    }
}

fn json(output: &[(String, cel::Value)]) -> Cow<'static, [u8]> {
    let members = output.iter().map(|(name, value)| (name.clone(), value.json().expect("it is JSON")));
    serde_json::to_vec(&members.collect::<Map<_, _>>()).expect("a map is JSON").into()
}

fn texts(rule: &Plain, indexed: bool) -> Texts {
    let mut conditions = Vec::new();
    if !indexed {
        conditions.push(format!("audience == {:?} && client == {:?}", rule.audience, rule.client));
    }
    match rule.condition {
        Condition::Scope(scope) => conditions.push(format!("{scope:?} in scopes")),
        Condition::Verified => conditions.push("user.email_verified".to_owned()),
        _ => {}
    }
    let value = match rule.value {
        Form::Email => "user.email".to_owned(),
        Form::Roles => "user.roles".to_owned(),
        Form::Handle => "\"acct:\" + user.nickname.lowerAscii()".to_owned(),
        Form::Verified => "user.email_verified".to_owned(),
        Form::Constant(number) => format!("\"tier-{number}\""),
        Form::Country => "user.address.country".to_owned(),
        _ => "has(user.department) ? user.department : \"none\"".to_owned(),
    };
    Texts {
        pair: (rule.audience.clone(), rule.client.clone()),
        name: rule.name.clone(),
        condition: (!conditions.is_empty()).then(|| conditions.join(" && ")),
        value,
    }
}

impl Engine for Cel {
    type Source = Vec<Texts>;
    type Input = Input;
    type Output = Vec<(String, cel::Value)>;

    fn source(workload: &Workload) -> Vec<Texts> {
        plain(workload).iter().map(|rule| texts(rule, false)).collect()
    }

    fn load(source: &Vec<Texts>) -> Result<Self, String> {
        Programs::compile(source).map(Cel)
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        self.0.input(request)
    }

    fn run(&self, input: &Input, output: &mut Self::Output) {
        self.0.run(0..self.0.rules.len(), input, output);
    }

    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]> {
        json(output)
    }
}

impl Engine for CelIndex {
    type Source = Vec<Texts>;
    type Input = Input;
    type Output = Vec<(String, cel::Value)>;

    fn source(workload: &Workload) -> Vec<Texts> {
        by_pair(workload).values().flatten().map(|rule| texts(rule, true)).collect()
    }

    fn load(source: &Vec<Texts>) -> Result<Self, String> {
        let mut index = Table::default();
        let mut first = 0;
        for rules in source.chunk_by(|a, b| a.pair == b.pair) {
            let (audience, client) = &rules[0].pair;
            index.insert(audience, client, (first, first + rules.len()));
            first += rules.len();
        }
        Ok(CelIndex { programs: Programs::compile(source)?, index })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        self.programs.input(request)
    }

    fn run(&self, input: &Input, output: &mut Self::Output) {
        let (first, end) = self.index.get(&input.pair.0, &input.pair.1).unwrap_or_default();
        self.programs.run(first..end, input, output);
    }

    fn text<'a>(&self, output: &'a Self::Output) -> Cow<'a, [u8]> {
        json(output)
    }
}
