//! Where the attributes of a person come from: a struct of the host's own, or JSON that somebody has parsed.

use serde_json::Value;

/// The attributes that rules read. Lists borrow from the person.
pub(crate) trait Person<'a>: Copy {
    type Texts: Iterator<Item = &'a str> + Clone;
    fn email(self) -> Option<&'a str>;
    fn email_verified(self) -> Option<bool>;
    fn nickname(self) -> Option<&'a str>;
    fn country(self) -> Option<&'a str>;
    fn department(self) -> Option<&'a str>;
    fn roles(self) -> Option<Self::Texts>;
    fn groups(self) -> Option<Self::Texts>;
}

/// The scopes that are granted.
pub(crate) trait Scopes: Copy {
    fn has(self, scope: &str) -> bool;
}

impl Scopes for &[String] {
    #[inline]
    fn has(self, scope: &str) -> bool {
        self.iter().any(|granted| granted == scope)
    }
}

/// The `scopes` of a request.
impl Scopes for &Value {
    #[inline]
    fn has(self, scope: &str) -> bool {
        self.as_array().is_some_and(|all| all.iter().any(|granted| granted == scope))
    }
}

/// A request as a host has it that knows its users: everything has a type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) audience: String,
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) user: User,
}

#[derive(Debug, Clone, Default)]
#[expect(dead_code, reason = "a host's user has more attributes than its policies read")]
pub(crate) struct User {
    pub(crate) sub: String,
    pub(crate) name: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) nickname: String,
    pub(crate) preferred_username: Option<String>,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) phone_number: Option<String>,
    pub(crate) phone_number_verified: Option<bool>,
    pub(crate) picture: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) zoneinfo: Option<String>,
    pub(crate) birthdate: Option<String>,
    pub(crate) updated_at: Option<i64>,
    pub(crate) website: Option<String>,
    pub(crate) gender: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) address: Address,
    pub(crate) roles: Vec<String>,
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Clone, Default)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct Address {
    pub(crate) street: Option<String>,
    pub(crate) locality: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: String,
}

impl Typed {
    /// Everything of a request, copied; `None` where something required is missing.
    pub(crate) fn of(request: &Value) -> Option<Self> {
        Some(Typed {
            audience: text(&request["audience"])?,
            client: text(&request["client"])?,
            scopes: texts(&request["scopes"])?,
            user: User::of(&request["user"])?,
        })
    }
}

impl User {
    fn of(user: &Value) -> Option<Self> {
        let address = &user["address"];
        Some(User {
            sub: text(&user["sub"])?,
            name: text(&user["name"]),
            given_name: text(&user["given_name"]),
            family_name: text(&user["family_name"]),
            nickname: text(&user["nickname"])?,
            preferred_username: text(&user["preferred_username"]),
            email: text(&user["email"])?,
            email_verified: user["email_verified"].as_bool()?,
            phone_number: text(&user["phone_number"]),
            phone_number_verified: user["phone_number_verified"].as_bool(),
            picture: text(&user["picture"]),
            locale: text(&user["locale"]),
            zoneinfo: text(&user["zoneinfo"]),
            birthdate: text(&user["birthdate"]),
            updated_at: user["updated_at"].as_i64(),
            website: text(&user["website"]),
            gender: text(&user["gender"]),
            department: text(&user["department"]),
            address: Address {
                street: text(&address["street_address"]),
                locality: text(&address["locality"]),
                postal_code: text(&address["postal_code"]),
                country: text(&address["country"])?,
            },
            roles: texts(&user["roles"])?,
            groups: texts(&user["groups"])?,
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(text).collect()
}

/// The elements of a list of strings.
#[derive(Clone)]
pub(crate) struct Strings<'a>(std::slice::Iter<'a, String>);

impl<'a> Iterator for Strings<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        self.0.next().map(String::as_str)
    }
}

impl<'a> Person<'a> for &'a User {
    type Texts = Strings<'a>;

    #[inline]
    fn email(self) -> Option<&'a str> {
        Some(&self.email)
    }

    #[inline]
    fn email_verified(self) -> Option<bool> {
        Some(self.email_verified)
    }

    #[inline]
    fn nickname(self) -> Option<&'a str> {
        Some(&self.nickname)
    }

    #[inline]
    fn country(self) -> Option<&'a str> {
        Some(&self.address.country)
    }

    #[inline]
    fn department(self) -> Option<&'a str> {
        self.department.as_deref()
    }

    #[inline]
    fn roles(self) -> Option<Strings<'a>> {
        Some(Strings(self.roles.iter()))
    }

    #[inline]
    fn groups(self) -> Option<Strings<'a>> {
        Some(Strings(self.groups.iter()))
    }
}

/// The strings of a JSON list.
#[derive(Clone)]
pub(crate) struct Values<'a>(std::slice::Iter<'a, Value>);

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        self.0.next().and_then(Value::as_str)
    }
}

/// The `user` of a request.
impl<'a> Person<'a> for &'a Value {
    type Texts = Values<'a>;

    #[inline]
    fn email(self) -> Option<&'a str> {
        self.get("email")?.as_str()
    }

    #[inline]
    fn email_verified(self) -> Option<bool> {
        self.get("email_verified")?.as_bool()
    }

    #[inline]
    fn nickname(self) -> Option<&'a str> {
        self.get("nickname")?.as_str()
    }

    #[inline]
    fn country(self) -> Option<&'a str> {
        self.get("address")?.get("country")?.as_str()
    }

    #[inline]
    fn department(self) -> Option<&'a str> {
        self.get("department")?.as_str()
    }

    #[inline]
    fn roles(self) -> Option<Values<'a>> {
        Some(Values(self.get("roles")?.as_array()?.iter()))
    }

    #[inline]
    fn groups(self) -> Option<Values<'a>> {
        Some(Values(self.get("groups")?.as_array()?.iter()))
    }
}
