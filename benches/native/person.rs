//! The host's own structs as an input of claimsc.

use std::hint::black_box;

use claimsc::Policy;
use claimsc::catalog::Root;
use claimsc::input::{Asked, Attribute, Input, Items, Reading};
use claimsc::program::{Answer, Scratch};
use claimsc::request::RequestError;
use claimsc::standard::{Grant, Token};
use serde_json::Value;

use super::workload::hand::person::{Typed, User};
use super::workload::turns::Output;

/// A field of [`User`].
#[derive(Clone, Copy)]
enum Field {
    Email,
    EmailVerified,
    Nickname,
    Country,
    Department,
    Roles,
    Groups,
}

/// Which field each attribute of a policy is.
pub(crate) struct Fields(Vec<Option<Field>>);

impl Fields {
    pub(crate) fn of(policy: &Policy) -> Self {
        let field = |name: String| {
            Some(match name.as_str() {
                "user.email" => Field::Email,
                "user.email_verified" => Field::EmailVerified,
                "user.nickname" => Field::Nickname,
                "user.address.country" => Field::Country,
                "user.department" => Field::Department,
                "user.roles" => Field::Roles,
                "user.groups" => Field::Groups,
                _ => return None,
            })
        };
        Fields(policy.unit().slots.iter().map(|slot| field(slot.name())).collect())
    }
}

struct Person<'a> {
    user: &'a User,
    fields: &'a Fields,
}

impl Input for Person<'_> {
    fn has(&self, root: Root) -> bool {
        root == Root::User
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        let User { email, email_verified, nickname, address, department, roles, groups, .. } = self.user;
        match self.fields.0.get(attribute.index) {
            Some(Some(Field::Email)) => Reading::Text(email),
            Some(Some(Field::EmailVerified)) => Reading::Bool(*email_verified),
            Some(Some(Field::Nickname)) => Reading::Text(nickname),
            Some(Some(Field::Country)) => Reading::Text(&address.country),
            Some(Some(Field::Department)) => {
                department.as_deref().map_or(Reading::Missing { found: 1 }, Reading::Text)
            }
            Some(Some(Field::Roles)) => Reading::Items(Items::of(roles)),
            Some(Some(Field::Groups)) => Reading::Items(Items::of(groups)),
            _ => Reading::Other,
        }
    }

    fn whole(&self, _: Root) -> Option<claimsc::Value> {
        None
    }
}

/// What [`Policy::decide`] leaves in its scratch.
#[derive(Default)]
pub(crate) struct Written {
    scratch: Scratch,
    /// The claims, where they are to be compared.
    text: Option<String>,
}

impl Written {
    pub(crate) fn answer(&mut self, policy: &Policy, asked: &Asked<'_>, input: &impl Input) {
        let answer = policy.decide(asked, input, &mut self.scratch);
        take(answer, &mut self.text);
    }

    pub(crate) fn answer_typed(&mut self, policy: &Policy, fields: &Fields, request: &Typed) {
        let audience = [request.audience.as_str()];
        self.answer(policy, &asked(request, &audience), &Person { user: &request.user, fields });
    }

    /// The same, with a record of the rules that claims come from.
    pub(crate) fn trace_typed(&mut self, policy: &Policy, fields: &Fields, request: &Typed) {
        let audience = [request.audience.as_str()];
        let (asked, person) = (asked(request, &audience), Person { user: &request.user, fields });
        let answer = policy.decide_traced(&asked, &person, &mut self.scratch);
        if let Ok(Answer::Issue(issue)) = &answer {
            issue.traces().for_each(|trace| {
                black_box((trace.claim, &trace.rule.place));
            });
        }
        take(answer, &mut self.text);
    }

    /// The claims, where they are compared.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

fn asked<'a>(request: &'a Typed, audience: &'a [&'a str; 1]) -> Asked<'a> {
    Asked::new(Grant::AuthorizationCode, &request.client).audience(audience).scopes(&request.scopes)
}

/// Looks at the claims, and keeps them where they are to be compared.
fn take(answer: Result<Answer<'_>, RequestError>, kept: &mut Option<String>) {
    let issue = match answer {
        Ok(Answer::Issue(issue)) => Some(issue),
        _ => None,
    };
    let claims = black_box(issue.expect("tokens are issued").claims(Token::Access));
    if let Some(kept) = kept {
        claims.expect("an access token").clone_into(kept);
    }
}

impl Output for Written {
    fn compare(&mut self, is_compared: bool) {
        self.text = is_compared.then(String::new);
    }

    fn claims(&mut self) -> Value {
        serde_json::from_str(self.text()).expect("claims are JSON")
    }
}
