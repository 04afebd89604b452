//! Accepted policies that cost as much as they can, and the worst requests to them. Each has a size, of which all counts
//! are a function, so that the same at half the size tells whether time grows faster than the counts.

use std::fmt::Write as _;

/// A policy and requests to it, which take turns.
pub(crate) struct Case {
    pub(crate) catalog: String,
    pub(crate) policy: String,
    pub(crate) requests: Vec<String>,
    /// Whether it is loaded from an artifact.
    pub(crate) is_packed: bool,
}

/// What a case is about, and its size.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) make: fn(usize) -> Case,
}

pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "texts are copied", size: 64, make: copies },
    Kind { name: "a list is written", size: 10_000, make: list },
    Kind { name: "`any` over a list", size: 10_000, make: any },
    Kind { name: "`any` within `any`", size: 1_000, make: any_within_any },
    Kind { name: "all steps are used up", size: 2_000, make: exhausted },
    Kind { name: "`filter`, `map`, `sort`, `distinct`", size: 10_000, make: chained },
    Kind { name: "lists of a lambda are dropped", size: 1_000, make: dropped },
    Kind { name: "lists of lambdas are dropped", size: 1_000, make: dropped_twice },
    Kind { name: "`distinct` of lists", size: 1_000, make: distinct_lists },
    Kind { name: "`sort` by a key, `group_by`, `to_map`", size: 10_000, make: grouped },
    Kind { name: "`in` within `all`", size: 1_000, make: within },
    Kind { name: "long texts are compared", size: 100_000, make: compared },
    Kind { name: "lists are compared", size: 1_000, make: compared_lists },
    Kind { name: "a template of long texts", size: 100_000, make: template },
    Kind { name: "a text is doubled to 1 MiB", size: 16, make: doubled },
    Kind { name: "`split`, `replace`, `join`", size: 200_000, make: split },
    Kind { name: "a plain regular expression", size: 100_000, make: regex_plain },
    Kind { name: "a nasty regular expression", size: 4_096, make: regex_nasty },
    Kind { name: "a regular expression with groups", size: 4_096, make: regex_groups },
    Kind { name: "`regex_replace` that looks far ahead", size: 4_096, make: regex_repeated },
    Kind { name: "`json` that is read and written", size: 100_000, make: json },
    Kind { name: "`as` within `map`", size: 1_000, make: cast },
    Kind { name: "a `match` of many arms within `map`", size: 1_000, make: arms },
    Kind { name: "a condition of many parts within `any`", size: 1_000, make: parts },
    Kind { name: "a table within `map`, without case", size: 1_000, make: table },
    Kind { name: "many writes of a claim", size: 1_000, make: writes },
    Kind { name: "many members of a claim", size: 1_000, make: members },
    Kind { name: "texts are appended", size: 1_000, make: appended },
    Kind { name: "records are appended", size: 1_000, make: appended_records },
    Kind { name: "a record becomes claims", size: 1_000, make: spread },
    Kind { name: "many rules for everybody", size: 10_000, make: rules },
    Kind { name: "many branches of one `if`", size: 1_000, make: branches },
    Kind { name: "many constants of `config`, denied", size: 1_000, make: constants },
    Kind { name: "many scopes", size: 1_000, make: scopes },
    Kind { name: "many scopes are added", size: 1_000, make: added_scopes },
    Kind { name: "many audiences", size: 1_000, make: audiences },
    Kind { name: "much that nobody reads", size: 1_000_000, make: unread },
    Kind { name: "denied, many rules", size: 10_000, make: denied },
    Kind { name: "denied, many rules, an artifact", size: 10_000, make: denied_packed },
    Kind { name: "denied, all of it read, an artifact", size: 100, make: denied_by_all },
    Kind { name: "in error, many rules", size: 10_000, make: in_error },
    Kind { name: "unknown clients in turn", size: 10_000, make: unknown_clients },
    Kind { name: "unknown audiences in turn", size: 10_000, make: unknown_audiences },
    Kind { name: "known clients in turn", size: 2_000, make: known_clients },
    Kind { name: "known clients in turn, 1,000 rules for everybody", size: 200, make: known_clients_of_many },
];

const HEAD: &str = "namespace ns = \"https://acme.example/\"\n";

fn case(user: &str, policy: &str, values: &str) -> Case {
    Case {
        catalog: format!("language: 1\nowned_domains: [acme.example]\nuser: {{ {user} }}\n"),
        policy: format!("{HEAD}{policy}\n"),
        requests: vec![request("app", "\"urn:api\"", "\"openid\"", values)],
        is_packed: false,
    }
}

fn request(client: &str, audience: &str, scopes: &str, user: &str) -> String {
    format!(
        r#"{{"grant":"authorization_code","client":"{client}","audience":{audience},"scopes":{scopes},"user":{{{user}}}}}"#
    )
}

/// A list of so many elements.
fn many(count: usize, element: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..count).map(element).collect::<Vec<_>>().join(","))
}

fn texts(count: usize) -> String {
    many(count, |i| format!("\"group-{i:08}\""))
}

/// So many lines.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, i| {
        let _ = writeln!(all, "{}", line(i));
        all
    })
}

/// Letters `a` and `b` in an order that no automaton knows beforehand.
fn noise(count: usize) -> String {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let letter = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if state & 1 == 0 { 'a' } else { 'b' }
    };
    (0..count).map(letter).collect()
}

fn strings(n: usize) -> String {
    format!("l: {{ type: \"string[]\", max_items: {n}, max_length: 14 }}")
}

fn text(n: usize) -> String {
    format!("s: {{ type: string, max_length: {n} }}, t: {{ type: string, max_length: {n} }}")
}

fn copies(n: usize) -> Case {
    let user: Vec<String> = (0..n).map(|i| format!("a{i}: string")).collect();
    let values: Vec<String> = (0..n).map(|i| format!("\"a{i}\":\"{}\"", "x".repeat(4096))).collect();
    case(&user.join(", "), &lines(n, |i| format!("add ns/c{i} = user.a{i}")), &values.join(","))
}

fn list(n: usize) -> Case {
    case(&strings(n), "add ns/x = user.l", &format!("\"l\":{}", texts(n)))
}

fn any(n: usize) -> Case {
    let policy = "add ns/x = user.l.any(g => g.starts_with(\"group-x\"))";
    case(&strings(n), policy, &format!("\"l\":{}", texts(n)))
}

fn any_within_any(n: usize) -> Case {
    let policy = "add ns/x = user.l.any(a => user.l.any(b => a = \"${b}x\"))";
    case(&strings(n), policy, &format!("\"l\":{}", texts(n)))
}

fn exhausted(n: usize) -> Case {
    let policy = "add ns/x = user.l.any(a => user.l.any(b => user.l.any(c => a = b and b = c and a != c)))";
    case(&strings(n), policy, &format!("\"l\":{}", texts(n)))
}

fn chained(n: usize) -> Case {
    let policy = "add ns/x = user.l.filter(g => g.ends_with(\"1\") or not (g = \"x\")).map(g => g.upper())\n    \
                  .sort().distinct().length()";
    case(&strings(n), policy, &format!("\"l\":{}", texts(n)))
}

fn dropped(n: usize) -> Case {
    let user = format!("n: {{ type: \"int[]\", max_items: {n} }}, {}", strings(n));
    let policy = "add ns/x = user.l.any(a => [...user.n, ...user.n].length() = 7)";
    case(&user, policy, &format!("\"l\":{},\"n\":{}", texts(n), many(n, |_| "1".to_owned())))
}

fn dropped_twice(n: usize) -> Case {
    let user = format!("n: {{ type: \"int[]\", max_items: {n} }}, {}", strings(n));
    let policy = "add ns/x = user.l.any(a => user.l.any(b => [...user.n, ...user.n][0] = 7))";
    case(&user, policy, &format!("\"l\":{},\"n\":{}", texts(n), many(n, |_| "1".to_owned())))
}

fn distinct_lists(n: usize) -> Case {
    let user =
        format!("ll: {{ type: \"string[][]\", max_items: {n}, items: {{ max_items: 64, max_length: 64 }} }}");
    let element = |i: usize| {
        many(64, |j| format!("\"{}{:06}\"", "x".repeat(58), if j == 63 { i * 7919 % n } else { j }))
    };
    case(&user, "add ns/x = user.ll.distinct().flatten().length()", &format!("\"ll\":{}", many(n, element)))
}

fn grouped(n: usize) -> Case {
    let policy = "add ns/x = user.l.sort(g => g.take(12)).group_by(g => g.take(12)).length()\n\
                  add ns/y = user.l.to_map(g => g, g => g.length()).length()";
    case(&strings(n), policy, &format!("\"l\":{}", many(n, |i| format!("\"group-{:08}\"", i * 7919 % n))))
}

fn within(n: usize) -> Case {
    let policy = "add ns/x = user.l.all(a => a in user.l)";
    case(&strings(n), policy, &format!("\"l\":{}", texts(n)))
}

fn compared(n: usize) -> Case {
    let user = format!("{}, l: {{ type: \"string[]\", max_items: 1000, max_length: 14 }}", text(n));
    let policy = "add ns/x = user.l.any(a => user.s != user.t)";
    let long = "x".repeat(n);
    case(&user, policy, &format!("\"s\":\"{long}\",\"t\":\"{long}\",\"l\":{}", texts(1000)))
}

fn compared_lists(n: usize) -> Case {
    let user = format!("{}, m: {{ type: \"string[]\", max_items: {n}, max_length: 14 }}", strings(n));
    let policy = "add ns/x = user.l.any(a => user.l != user.m)";
    case(&user, policy, &format!("\"l\":{0},\"m\":{0}", texts(n)))
}

fn template(n: usize) -> Case {
    let long = "x".repeat(n);
    case(
        &text(n),
        "add ns/x = \"${user.s}-${user.t}-${user.s}\"",
        &format!("\"s\":\"{long}\",\"t\":\"{long}\""),
    )
}

/// A text of 16 bytes, doubled so often.
fn doubled(n: usize) -> Case {
    let doubling = lines(n, |i| format!("let d{} = \"${{d{i}}}${{d{i}}}\"", i + 1));
    let policy = format!("let d0 = user.s.take(15)\n{doubling}add ns/x = d{n}");
    case("s: { type: string, max_length: 15 }", &policy, "\"s\":\"xxxxxxxxxxxxxxx\"")
}

fn split(n: usize) -> Case {
    let user = format!("s: {{ type: string, max_length: {n} }}");
    let policy = "add ns/x = user.s.replace(\"x\", \"yy\").split(\"-\").join(\"+\").length()";
    case(&user, policy, &format!("\"s\":\"{}\"", "xx-".repeat(n / 3)))
}

fn regex_plain(n: usize) -> Case {
    let policy = "add ns/x = user.s.matches(/[a-z0-9]+(-[a-z0-9]+)*/)";
    case(&text(n), policy, &format!("\"t\":\"\",\"s\":\"{}a\"", "ab-".repeat((n - 1) / 3)))
}

fn regex_nasty(n: usize) -> Case {
    let policy = "add ns/x = user.s.matches(/.*a(.{30}){30}c/)";
    case(&text(n), policy, &format!("\"t\":\"\",\"s\":\"{}\"", noise(n)))
}

fn regex_groups(n: usize) -> Case {
    let policy = "add ns/x = user.s.extract(/((a|b|ab|ba){0,300})c/) ?? \"none\"";
    case(&text(n), policy, &format!("\"t\":\"\",\"s\":\"{}\"", noise(n)))
}

fn regex_repeated(n: usize) -> Case {
    let policy = "add ns/x = user.s.regex_replace(/a+c|a/, \"b\").length()";
    case(&text(n), policy, &format!("\"t\":\"\",\"s\":\"{}\"", "a".repeat(n)))
}

fn json(n: usize) -> Case {
    let user = format!("s: {{ type: string, max_length: {n} }}");
    let policy = "add ns/x = (user.s.parse_json() ?? 1).to_json().length()";
    case(&user, policy, &format!("\"s\":\"[{}1]\"", "1,".repeat(n / 2 - 2)))
}

fn cast(n: usize) -> Case {
    let user = format!("j: {{ type: json, max_bytes: 4096 }}, {}", strings(n));
    let policy = "add ns/x = user.l.map(a => user.j as int[] ?? omit).length()";
    case(&user, policy, &format!("\"l\":{},\"j\":{}", texts(n), many(1000, |_| "1".to_owned())))
}

fn arms(n: usize) -> Case {
    let arms: Vec<String> = (0..n).map(|i| format!("\"arm-{i}\" => {i}")).collect();
    let policy = format!("add ns/x = user.l.map(a => match a {{ {}, _ => 0 }}).length()", arms.join(", "));
    case(&strings(n), &policy, &format!("\"l\":{}", texts(n)))
}

fn parts(n: usize) -> Case {
    let parts: Vec<String> = (0..n).map(|i| format!("a = \"{i}\"")).collect();
    let policy = format!("add ns/x = user.l.any(a => {})", parts.join(" or "));
    case(&strings(n), &policy, &format!("\"l\":{}", texts(n)))
}

fn table(n: usize) -> Case {
    let rows: Vec<String> = (0..n).map(|i| format!("\"ann-{i}@acme.example\" => {i}")).collect();
    let user = format!("e: {{ type: \"email[]\", max_items: {n}, max_length: 24 }}");
    let policy =
        format!("table t {{ {} }}\nadd ns/x = user.e.map(e => t[e] ?? omit).length()", rows.join(", "));
    case(&user, &policy, &format!("\"e\":{}", many(n, |i| format!("\"Ann-{i}@acme.example\""))))
}

fn writes(n: usize) -> Case {
    let policy = lines(n, |_| "add ns/x = user.s".to_owned());
    case("s: string", &policy, &format!("\"s\":\"{}\"", "x".repeat(4096)))
}

fn members(n: usize) -> Case {
    let policy = lines(n, |i| format!("add ns/x.m{i} = user.s\ndefault ns/x.m{i} = \"none\""));
    case("s: { type: string, max_length: 100 }", &policy, &format!("\"s\":\"{}\"", "x".repeat(100)))
}

fn appended(n: usize) -> Case {
    let policy = lines(10, |i| format!("append ns/x = user.l.map(g => \"{i}${{g}}\")"));
    case(&strings(n), &policy, &format!("\"l\":{}", texts(n)))
}

fn appended_records(n: usize) -> Case {
    let user = format!(
        "r: {{ type: \"{{ a: int, b: string }}[]\", max_items: {n}, items: {{ b: {{ max_length: 14 }} }} }}"
    );
    let user = user.replace(", items: { b: { max_length: 14 } }", "");
    let policy = "append ns/x = user.r\nappend ns/x = user.r";
    case(&user, policy, &format!("\"r\":{}", many(n, |i| format!("{{\"a\":{i},\"b\":\"group\"}}"))))
}

fn spread(n: usize) -> Case {
    let user = format!(
        "m: {{ type: \"map[string]\", max_items: {n}, max_length: 14, values: {{ max_length: 14 }} }}"
    );
    let user = user.replace(", values: { max_length: 14 }", "");
    let values: Vec<String> = (0..n).map(|i| format!("\"key{i}\":\"value\"")).collect();
    case(&user, "add ns/* = user.m matching /key[0-9]+/", &format!("\"m\":{{{}}}", values.join(",")))
}

fn rules(n: usize) -> Case {
    let policy = lines(n, |i| format!("if \"s{i}\" in scopes or user.n = {i} then add ns/c{i} = user.n"));
    case("n: int", &policy, "\"n\":7")
}

fn branches(n: usize) -> Case {
    let branches: Vec<String> =
        (0..n).map(|i| format!("if user.n = {i} then add ns/c{i} = user.n")).collect();
    case("n: int", &branches.join("\nelse "), &format!("\"n\":{n}"))
}

fn constants(n: usize) -> Case {
    let config: Vec<String> = (0..n).map(|i| format!("k{i}: {{ type: int, value: {i} }}")).collect();
    let policy = lines(n, |i| format!("if user.n = config.k{i} then add ns/c{i} = config.k{i}"));
    let case = case("n: int", &format!("{policy}if user exists and user.n = 7 then deny \"no\""), "\"n\":7");
    Case { catalog: format!("{}config: {{ {} }}\n", case.catalog, config.join(", ")), ..case }
}

fn scopes(n: usize) -> Case {
    let policy = lines(50, |i| format!("if \"s{i}\" in scopes then add ns/c{i} = {i}"));
    let scopes: Vec<String> = (0..n).map(|i| format!("s{:x}", i + 4096)).collect();
    let requests = vec![request("app", "\"urn:api\"", &format!("\"{}\"", scopes.join(" ")), "\"n\":7")];
    Case { requests, ..case("n: int", &policy, "") }
}

fn added_scopes(n: usize) -> Case {
    let policy = "if user exists then {\n add scope user.l\n limit scopes to user.l\n}";
    let scopes: Vec<String> = (0..n).map(|i| format!("group-{:08}", n - i)).collect();
    let user = format!("\"l\":{}", texts(n));
    let requests = vec![request("app", "\"urn:api\"", &format!("\"{}\"", scopes.join(" ")), &user)];
    Case { requests, ..case(&strings(n), policy, "") }
}

fn audiences(n: usize) -> Case {
    let policy = lines(50, |i| format!("if \"urn:{i}\" in audience then add ns/c{i} = {i}"));
    let audience = many(n, |i| format!("\"urn:x{i}\""));
    Case { requests: vec![request("app", &audience, "\"\"", "\"n\":7")], ..case("n: int", &policy, "") }
}

fn unread(n: usize) -> Case {
    let junk = format!("\"n\":7,\"junk\":{}", many(n / 10, |i| format!("\"{i:08}\"")));
    case("n: int", "add ns/x = user.n", &junk)
}

/// Rules for one of many clients and audiences each.
fn for_some(n: usize, more: &str) -> Case {
    let rules = lines(n, |i| {
        format!(
            "if client.id = \"c{}\" and audience = \"urn:{}\" and user.n = {i} then add ns/c{i} = user.s",
            i % 97,
            i % 1009
        )
    });
    let case = case("n: int, s: string", &format!("{rules}{more}"), "");
    Case { requests: vec![request("c7", "\"urn:7\"", "\"\"", "\"n\":7,\"s\":\"x\"")], ..case }
}

fn denied(n: usize) -> Case {
    for_some(n, "if user exists and user.n = 7 then deny \"no\"")
}

fn denied_packed(n: usize) -> Case {
    Case { is_packed: true, ..denied(n) }
}

fn denied_by_all(n: usize) -> Case {
    let all = lines(n, |i| format!("if user.n = {i} or user.s = \"{i}\" then add ns/a{i} = user.s"));
    Case { is_packed: true, ..for_some(n, &format!("{all}if user exists and user.n = 7 then deny \"no\"")) }
}

fn in_error(n: usize) -> Case {
    let requests = vec![request("c7", "\"urn:7\"", "\"\"", "\"n\":\"seven\",\"s\":\"x\"")];
    Case { requests, ..for_some(n, "add ns/n = user.n") }
}

fn unknown_clients(n: usize) -> Case {
    let one = |i: usize| request(&format!("evil-{i}"), "\"urn:7\"", "\"\"", "\"n\":7,\"s\":\"x\"");
    Case { requests: (0..1_000).map(one).collect(), ..for_some(n, "add ns/n = user.n") }
}

fn unknown_audiences(n: usize) -> Case {
    let one = |i: usize| request("c7", &format!("\"urn:evil-{i}\""), "\"\"", "\"n\":7,\"s\":\"x\"");
    Case { requests: (0..1_000).map(one).collect(), ..for_some(n, "add ns/n = user.n") }
}

/// As many kinds of request as no cache holds.
fn known_clients(n: usize) -> Case {
    let one = |i: usize| {
        request(&format!("c{}", i % 97), &format!("\"urn:{}\"", i * 31 % 1009), "\"\"", "\"n\":7,\"s\":\"x\"")
    };
    Case { requests: (0..n).map(one).collect(), ..for_some(10_000, "add ns/n = user.n") }
}

/// The same where each kind of request has a large program.
fn known_clients_of_many(n: usize) -> Case {
    let all = lines(1_000, |i| format!("if \"s{i}\" in scopes or user.n = {i} then add ns/a{i} = user.n"));
    Case {
        policy: format!("{HEAD}{all}{}", for_some(1_000, "").policy.replace(HEAD, "")),
        ..known_clients(n)
    }
}
