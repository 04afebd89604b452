//! Answers to given questions: which text is given, which literals are blamed, and where the theory gives up.

use super::*;

const WORLD: TextWorld = TextWorld { max_chars: 4096, words: None };

fn text(pattern: TextPattern) -> TextTest {
    TextTest { steps: vec![], pattern, fold: false }
}

fn equals(word: &str) -> TextTest {
    text(TextPattern::Equals(word.into()))
}

fn starts(part: &str) -> TextTest {
    text(TextPattern::StartsWith(part.into()))
}

fn ends(part: &str) -> TextTest {
    text(TextPattern::EndsWith(part.into()))
}

fn contains(part: &str) -> TextTest {
    text(TextPattern::Contains(part.into()))
}

fn matches(source: &str) -> TextTest {
    text(TextPattern::Matches(source.into()))
}

fn finds(source: &str) -> TextTest {
    text(TextPattern::Finds(source.into()))
}

fn at_most(chars: u64) -> TextTest {
    text(TextPattern::AtMost(chars))
}

fn folded(test: TextTest) -> TextTest {
    TextTest { fold: true, ..test }
}

fn domain(test: TextTest) -> TextTest {
    TextTest { steps: vec![TextStep::Domain], ..test }
}

fn lower(test: TextTest) -> TextTest {
    TextTest { steps: vec![TextStep::Lower], ..test }
}

fn ask(literals: &[(TextTest, bool)], world: &TextWorld, avoid: &[&str]) -> Found {
    let literals: Vec<_> = literals.iter().map(|(test, wanted)| (test, *wanted)).collect();
    find(&literals, world, avoid, &mut ENOUGH.clone())
}

#[test]
fn texts_are_readable() {
    let mail = || matches(r"[\w.+-]+@[\w-]+(\.[\w-]+)+");
    for (literals, expected, other) in [
        (vec![], "other", "other2"),
        (vec![(equals("admin"), false), (equals("other"), false)], "other2", "other3"),
        (vec![(equals("admin"), true), (starts("ad"), true)], "admin", "admin"),
        (vec![(starts("app-"), true), (ends("-dev"), true)], "app--dev", "app-a-dev"),
        (vec![(contains("a"), false), (contains("e"), false)], "b", "0"),
        (vec![(domain(folded(equals("acme.example"))), true)], "a@acme.example", "b@acme.example"),
        (
            vec![(domain(equals("acme.example")), true), (ends("@acme.example"), false)],
            "a@acme.examplE",
            "a@acme.exampLe",
        ),
        (vec![(domain(text(TextPattern::Exists)), true)], "a@other.example", "b@other.example"),
        (vec![(domain(text(TextPattern::Exists)), false)], "other", "other2"),
        (vec![(domain(starts("x.")), true)], "a@x.example", "b@x.example"),
        (vec![(matches(r"[a-z]+-\d{4}"), true), (starts("ops"), true)], "ops-0000", "ops-0001"),
        (vec![(mail(), true), (at_most(9), false)], "aaaaaa@a.a", "aaaaa@aa.a"),
        (vec![(folded(equals("abc")), true), (equals("abc"), false)], "abC", "aBc"),
        (vec![(finds("[^a-z0-9]"), true), (finds("[ -~]"), false)], "é", "ĩ"),
        (vec![(finds(r"[\x00-\x1f]"), true)], "\t", "\n"),
        (vec![(matches(r"\x00"), true)], "\0", "\0"),
        (vec![(matches("[ab]*"), true), (equals("a"), false), (equals("b"), false)], "aa", "ab"),
        (vec![(matches("a?"), true), (equals("a"), false)], "", ""),
    ] {
        assert_eq!(ask(&literals, &WORLD, &[]), Found::Text(expected.to_owned()), "{literals:?}");
        assert_eq!(ask(&literals, &WORLD, &[expected]), Found::Text(other.to_owned()), "{literals:?}");
    }
}

#[test]
fn blame_is_minimal() {
    let vowels = || ["a", "e", "i", "o", "u"].map(|part| (contains(part), false));
    for (literals, core) in [
        (vec![(starts("app-"), true), (ends("-dev"), true), (contains("a"), false)], vec![0, 2]),
        (vec![(domain(folded(equals("a.example"))), true), (folded(ends("@a.example")), false)], vec![0, 1]),
        (vec![(domain(equals("a.example")), false), (folded(ends("@a.example")), true)], vec![0, 1]),
        (vec![(domain(equals("a.Example")), true), (starts("x"), true)], vec![0]),
        (vec![(lower(equals("Abc")), true)], vec![0]),
        (vec![(matches(r"[a-z]+-\d{4}"), true), (starts("x"), true), (contains("--"), true)], vec![0, 2]),
        (vec![(matches("[a-z]{3,8}-[0-9]{4}"), true), (matches(r"[a-z]+-\d{4}"), false)], vec![0, 1]),
        (vec![(matches("[aeiou]+"), true)].into_iter().chain(vowels()).collect(), vec![0, 1, 2, 3, 4, 5]),
        (vec![(matches("[ai]+"), true)].into_iter().chain(vowels()).collect(), vec![0, 1, 3]),
        (vec![(matches("a?"), true), (equals("a"), false), (equals(""), false)], vec![0, 1, 2]),
        (vec![(finds(""), false)], vec![0]),
        (vec![(starts("b"), true), (at_most(4096), false)], vec![1]),
        (vec![(at_most(9), true), (at_most(7), true), (at_most(8), false), (at_most(6), false)], vec![1, 2]),
        (
            vec![(at_most(2), false), (starts("x"), true), (matches("(aaa)+"), false), (at_most(2), true)],
            vec![0, 3],
        ),
        (vec![(at_most(100), false), (at_most(101), true), (matches("(ab)*"), true)], vec![0, 1, 2]),
        (vec![(domain(at_most(2)), true), (domain(contains("abc")), true)], vec![0, 1]),
    ] {
        assert_eq!(ask(&literals, &WORLD, &[]), Found::None(core), "{literals:?}");
    }
}

#[test]
fn long_texts() {
    let long = |literals: &[(TextTest, bool)], world| match ask(literals, &world, &[]) {
        Found::Text(text) => Some(chars_of(&text)),
        _ => None,
    };
    assert_eq!(long(&[(at_most(4095), false)], WORLD), Some(4096));
    assert_eq!(long(&[(at_most(4095), false), (starts("app-"), true), (ends("é"), true)], WORLD), Some(4096));
    assert_eq!(long(&[(at_most(299), false), (matches("(abc)*"), true)], WORLD), Some(300));
    // Two code points suffice only where readers are not pleased.
    let literals = [(matches("aaa|ß?\u{1}"), true), (at_most(2), true)];
    assert_eq!(ask(&literals, &WORLD, &[]), Found::Text("\u{1}".to_owned()));
    let world = TextWorld { max_chars: 2, words: None };
    assert_eq!(ask(&[(equals("abc"), true)], &world, &[]), Found::None(vec![0]));
    assert_eq!(ask(&[], &world, &[]), Found::Text("a".to_owned()));
}

#[test]
fn enumerated_words() {
    let words: Arc<[Arc<str>]> = ["free", "pro", "enterprise"].map(Arc::from).into();
    let world = TextWorld { max_chars: 2, words: Some(words) };
    let ask = |literals: &[(TextTest, bool)], avoid: &[&str]| ask(literals, &world, avoid);
    assert_eq!(ask(&[], &[]), Found::Text("free".to_owned()));
    assert_eq!(ask(&[], &["free"]), Found::Text("pro".to_owned()));
    assert_eq!(ask(&[(equals("pro"), true)], &["pro"]), Found::Text("pro".to_owned()));
    assert_eq!(ask(&[(at_most(9), true), (equals("gold"), true)], &[]), Found::None(vec![1]));
    let none = ["free", "pro", "x", "enterprise"].map(|word| (equals(word), false));
    assert_eq!(ask(&none, &[]), Found::None(vec![0, 1, 3]));
    let nothing = TextWorld { max_chars: 9, words: Some(Arc::new([])) };
    assert_eq!(super::answers::ask(&none, &nothing, &[]), Found::None(vec![]));
}

#[test]
fn what_is_too_large_stays_unknown() {
    let large = || finds("a.{30}b");
    let literals = [(large(), true), (starts("x"), true)];
    assert_eq!(ask(&literals, &WORLD, &[]), Found::Unknown);
    // The others may suffice for an answer all the same.
    assert_eq!(ask(&[(large(), false)], &WORLD, &[]), Found::Text("other".to_owned()));
    let literals =
        [(large(), true), (matches("[ab]*"), true), (matches("[bc]*"), true), (contains("a"), true)];
    assert_eq!(ask(&literals, &WORLD, &[]), Found::None(vec![2, 3]));
    // A regular expression that does not compile, too many steps, too little budget.
    assert_eq!(ask(&[(matches("("), true)], &WORLD, &[]), Found::Unknown);
    let deep = TextTest { steps: vec![TextStep::Upper; 5000], ..equals("a") };
    assert_eq!(ask(&[(deep, true), (starts("b"), true)], &WORLD, &[]), Found::Unknown);
    let literal = matches("a{90}");
    let mut budget = 50;
    assert_eq!(find(&[(&literal, true)], &WORLD, &[], &mut budget), Found::Unknown);
    assert_eq!(budget, 0);
}

#[test]
fn implications() {
    for (a, b, implied) in [
        (equals("abc"), matches("[a-c]+"), Some(true)),
        (equals("abc"), equals("abd"), Some(false)),
        (folded(equals("Abc")), equals("abc"), None),
        (folded(equals("Abc")), lower(equals("abc")), Some(true)),
        (folded(equals("Abc")), starts("x"), Some(false)),
        (folded(equals("1-2")), starts("1"), Some(true)),
        (starts("abc"), starts("ab"), Some(true)),
        (starts("ab"), starts("abc"), None),
        (starts("ab"), starts("ac"), Some(false)),
        (starts("ab"), folded(contains("B")), Some(true)),
        (folded(starts("ab")), starts("a"), None),
        (folded(starts("ab")), starts("b"), Some(false)),
        (ends("bc"), ends("c"), Some(true)),
        (ends("bc"), at_most(1), Some(false)),
        (at_most(1), equals("ab"), Some(false)),
        (at_most(1), at_most(2), Some(true)),
        (domain(equals("a.example")), folded(ends("@A.example")), Some(true)),
        (domain(equals("a.example")), ends("@a.example"), None),
        (domain(equals("a.example")), ends(".test"), Some(false)),
        (domain(equals("a.example")), domain(text(TextPattern::Exists)), Some(true)),
        (ends("@a.Example"), domain(equals("a.example")), Some(true)),
        (ends("a.example"), domain(equals("a.example")), None),
        (ends("@"), domain(starts("")), Some(false)),
        (matches("a"), matches("b"), None),
    ] {
        assert_eq!(implies(&a, &b), implied, "{a:?} {b:?}");
    }
}
