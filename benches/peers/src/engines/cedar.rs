//! Cedar: a permit for each rule. Cedar answers whether, not what: the policies that permit are the rules that fire, and
//! their values are written by hand in Rust.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet, Request,
    RestrictedExpression,
};
use serde_json::{Map, Value};

use crate::engine::{Engine, Plain, Table, by_pair, plain, text};
use crate::workload::hand::person::Typed;
use crate::workload::hand::read;
use crate::workload::hand::sink::{Name, ToMap};
use crate::workload::{Condition, Form, Workload};

/// Policies, and what each of them stands for.
pub(crate) struct Set {
    policies: PolicySet,
    claims: HashMap<PolicyId, Claim>,
}

/// What a policy stands for.
#[derive(Clone)]
struct Claim {
    name: String,
    value: Form,
    constant: Option<String>,
}

/// Policies as text, in order with what they stand for.
pub(crate) struct Texts {
    pair: (String, String),
    policies: String,
    claims: Vec<Claim>,
}

/// All permits in one set.
pub(crate) struct Cedar {
    authorizer: Authorizer,
    names: Names,
    set: Set,
}

/// A set for each audience and client.
pub(crate) struct CedarIndex {
    authorizer: Authorizer,
    names: Names,
    sets: Vec<Set>,
    index: Table<usize>,
}

/// A request, and the host's own user for the values.
pub(crate) struct Input {
    typed: Typed,
    request: Request,
    entities: Entities,
}

fn texts(rules: &[Plain], indexed: bool) -> Texts {
    let mut policies = String::new();
    for rule in rules {
        let scope = if indexed { String::new() } else { format!(" == Api::{:?}", rule.audience) };
        let mut conditions = Vec::new();
        if !indexed {
            conditions.push(format!("context.client == {:?}", rule.client));
        }
        match rule.condition {
            Condition::Scope(scope) => conditions.push(format!("context.scopes.contains({scope:?})")),
            Condition::Verified => conditions.push("principal.email_verified".to_owned()),
            _ => {}
        }
        let when = if conditions.is_empty() {
            String::new()
        } else {
            format!(" when {{ {} }}", conditions.join(" && "))
        };
        policies.push_str(&format!("permit(principal, action, resource{scope}){when};\n"));
    }
    Texts {
        pair: (rules[0].audience.clone(), rules[0].client.clone()),
        policies,
        claims: rules.iter().map(Claim::of).collect(),
    }
}

impl Claim {
    fn of(rule: &Plain) -> Self {
        let constant = match rule.value {
            Form::Constant(number) => Some(format!("tier-{number}")),
            _ => None,
        };
        Claim { name: rule.name.clone(), value: rule.value, constant }
    }
}

impl Set {
    fn parse(texts: &Texts) -> Result<Self, String> {
        let policies = PolicySet::from_str(&texts.policies).map_err(|error| error.to_string())?;
        // The parser numbers the policies of a text.
        let id = |number| PolicyId::new(format!("policy{number}"));
        let claims = texts.claims.iter().enumerate().map(|(i, claim)| (id(i), claim.clone())).collect();
        Ok(Set { policies, claims })
    }

    fn run(&self, authorizer: &Authorizer, input: &Input, output: &mut ToMap) {
        let response = authorizer.is_authorized(&input.request, &self.policies, &input.entities);
        for policy in response.diagnostics().reason() {
            let Claim { name, value, constant } = &self.claims[policy];
            match constant {
                Some(text) => _ = output.0.insert(name.clone(), text.as_str().into()),
                None => read(*value, Name { plain: name, json: "" }, &input.typed.user, output),
            }
        }
    }
}

/// The names of types and of the action, which a host parses once.
struct Names {
    user: EntityTypeName,
    api: EntityTypeName,
    action: EntityUid,
}

impl Names {
    fn parse() -> Self {
        let name = |text: &str| text.parse::<EntityTypeName>().expect("a name");
        let action = EntityUid::from_type_name_and_id(name("Action"), EntityId::new("issue"));
        Names { user: name("User"), api: name("Api"), action }
    }

    /// Expressions are the shortest way in: JSON would be read as expressions first.
    fn input(&self, request: &Rc<Value>) -> Input {
        let uid = |name: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
        };
        let user = &request["user"];
        let principal = uid(&self.user, text(user, "sub"));
        let attributes = user.as_object().expect("an object").iter();
        let attributes = attributes.map(|(name, value)| (name.clone(), expression(value)));
        let entity = Entity::new(principal.clone(), attributes.collect(), HashSet::new()).expect("an entity");
        let context = ["client", "scopes"].map(|name| (name.to_owned(), expression(&request[name])));
        Input {
            typed: Typed::of(request).expect("a whole request"),
            request: Request::new(
                principal,
                self.action.clone(),
                uid(&self.api, text(request, "audience")),
                Context::from_pairs(context).expect("a context"),
                None,
            )
            .expect("a request"),
            entities: Entities::from_entities([entity], None).expect("entities"),
        }
    }
}

fn expression(value: &Value) -> RestrictedExpression {
    match value {
        Value::Bool(value) => RestrictedExpression::new_bool(*value),
        Value::Number(number) => RestrictedExpression::new_long(number.as_i64().expect("a whole number")),
        Value::String(text) => RestrictedExpression::new_string(text.clone()),
        Value::Array(items) => RestrictedExpression::new_set(items.iter().map(expression)),
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| (name.clone(), expression(member)));
            RestrictedExpression::new_record(members).expect("each name once")
        }
        Value::Null => panic!("requests have no null"),
    }
}

impl Engine for Cedar {
    type Source = Texts;
    type Input = Input;
    type Output = ToMap;

    fn source(workload: &Workload) -> Texts {
        texts(&plain(workload), false)
    }

    fn load(source: &Texts) -> Result<Self, String> {
        Ok(Cedar { authorizer: Authorizer::new(), names: Names::parse(), set: Set::parse(source)? })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        self.names.input(request)
    }

    fn run(&self, input: &Input, output: &mut ToMap) {
        output.0 = Map::new();
        self.set.run(&self.authorizer, input, output);
    }

    fn text<'a>(&self, output: &'a ToMap) -> Cow<'a, [u8]> {
        serde_json::to_vec(&output.0).expect("a map is JSON").into()
    }
}

impl Engine for CedarIndex {
    type Source = Vec<Texts>;
    type Input = Input;
    type Output = ToMap;

    fn source(workload: &Workload) -> Vec<Texts> {
        by_pair(workload).values().map(|rules| texts(rules, true)).collect()
    }

    fn load(source: &Vec<Texts>) -> Result<Self, String> {
        let mut index = Table::default();
        for (number, texts) in source.iter().enumerate() {
            index.insert(&texts.pair.0, &texts.pair.1, number);
        }
        let sets = source.iter().map(Set::parse).collect::<Result<_, _>>()?;
        Ok(CedarIndex { authorizer: Authorizer::new(), names: Names::parse(), sets, index })
    }

    fn input(&self, request: &Rc<Value>) -> Input {
        self.names.input(request)
    }

    fn run(&self, input: &Input, output: &mut ToMap) {
        output.0 = Map::new();
        if let Some(set) = self.index.get(&input.typed.audience, &input.typed.client) {
            self.sets[set].run(&self.authorizer, input, output);
        }
    }

    fn text<'a>(&self, output: &'a ToMap) -> Cow<'a, [u8]> {
        serde_json::to_vec(&output.0).expect("a map is JSON").into()
    }
}
