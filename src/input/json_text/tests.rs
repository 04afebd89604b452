use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::input::Asked;
use crate::input::testing::{assert_same, attributes, request};
use crate::request::Request;

/// The same JSON with other blanks and escapes.
fn written(json: &serde_json::Value, blanks: &str, escapes: bool) -> String {
    let text = json.to_string();
    let (mut out, mut in_string, mut is_escaped) = (String::new(), false, false);
    for c in text.chars() {
        if !in_string && matches!(c, '{' | '}' | '[' | ']' | ',' | ':') {
            out.push_str(blanks);
            out.push(c);
            out.push_str(blanks);
            continue;
        }
        if in_string && !is_escaped && escapes && matches!(c, 'a' | 'e' | 'i' | 'é' | '😀') {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
            continue;
        }
        in_string ^= c == '"' && !is_escaped;
        is_escaped = in_string && c == '\\' && !is_escaped;
        out.push(c);
    }
    out
}

fn accepts(text: &[u8], depth: usize, buffer: &mut JsonBuffer) -> bool {
    let limits = JsonLimits { depth, ..JsonLimits::default() };
    JsonReader::new(&attributes()).read(text, REQUEST, limits, buffer).is_some()
}

fn assert_judged_alike(text: &[u8], buffer: &mut JsonBuffer) {
    for depth in [64, 3] {
        let theirs = Value::parse_json(text, JsonLimits { depth, ..JsonLimits::default() });
        let ours = accepts(text, depth, buffer);
        assert_eq!(theirs.is_ok(), ours, "{} {theirs:?}", String::from_utf8_lossy(text));
    }
}

proptest! {
    #[test]
    fn a_request_is_the_same_from_its_tree(
        requests in prop::collection::vec(request(), 1..4),
        blanks in "[ \n\t\r]{0,3}",
        escapes in any::<bool>(),
    ) {
        let reader = JsonReader::new(&attributes());
        let mut buffer = JsonBuffer::default();
        for json in requests {
            let text = written(&json, &blanks, escapes);
            match (Request::from_json(text.as_bytes()), reader.request(text.as_bytes(), &mut buffer)) {
                (Ok(request), Ok(read)) => assert_same(&request, &read.asked(), &read),
                (Err(theirs), Err(ours)) => prop_assert_eq!(theirs, ours),
                (theirs, ours) => prop_assert!(false, "{theirs:?} {ours:?}"),
            }
        }
    }

    /// Texts with mistakes of every kind are accepted and refused as by the other reader.
    #[test]
    fn what_is_json_is_judged_alike(
        json in request(),
        blanks in "[ \n]{0,1}",
        escapes in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4), 0..3),
    ) {
        const BYTES: &[u8] = b"{}[]:,\"\\/u0019-+.eEtruefalsn d8cD \n\x01\x7f\xc3\xa9\xff";
        let mut text = written(&json, &blanks, escapes).into_bytes();
        for (place, byte, kind) in changes {
            let (place, byte) = (place.index(text.len() + 1), BYTES[byte.index(BYTES.len())]);
            match kind {
                0 => text.truncate(place),
                1 => text.insert(place, byte),
                2 if place < text.len() => drop(text.remove(place)),
                _ if place < text.len() => text[place] = byte,
                _ => {}
            }
        }
        assert_judged_alike(&text, &mut JsonBuffer::default());
    }

    #[test]
    fn marks_and_digits_are_judged_alike(text in r#"[\[\]{}:,"a0-9.eE+\-\\u tfn]{0,24}"#) {
        assert_judged_alike(text.as_bytes(), &mut JsonBuffer::default());
    }

    #[test]
    fn numbers_are_judged_alike(text in r"-?[0-9]{1,22}(\.[0-9]{0,3})?([eE][+-]?[0-9]{0,6})?") {
        let text = format!("{{\"user\":{{\"level\":{text}}}}}");
        assert_judged_alike(text.as_bytes(), &mut JsonBuffer::default());
    }

    /// A name that stands twice is found, however it is written and however many others there are.
    #[test]
    fn duplicates_are_found(count in 0_usize..80, twice in any::<prop::sample::Index>(), blank in 0_usize..2) {
        let names: Vec<String> = (0..count).map(|n| format!("a shared beginning {n} a shared end")).collect();
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":[{{}}]")).collect();
        let mut text = format!("{{\"other\":{{{}}}}}", members.join(","));
        prop_assert!(accepts(text.as_bytes(), 64, &mut JsonBuffer::default()));
        if count > 0 {
            let name = twice.get(&names).replace('a', ["a", "\\u0061"][blank]);
            text.truncate(text.len() - 2);
            text.push_str(&format!(",\"{name}\":null}}}}"));
            assert_judged_alike(text.as_bytes(), &mut JsonBuffer::default());
            prop_assert!(!accepts(text.as_bytes(), 64, &mut JsonBuffer::default()));
        }
    }
}

#[test]
fn a_user_alone_is_the_user_of_a_request() {
    let user = json!({ "sub": "u1", "email": "a\"b", "groups": ["a", null, "c\nd", 7, "é"], "level": 7 });
    let text = json!({ "grant": "password", "client": "app", "user": user }).to_string();
    let request = Request::from_json(text.as_bytes()).unwrap();
    let (reader, mut buffer) = (JsonReader::new(&attributes()), JsonBuffer::default());
    let text = user.to_string();
    let read = reader.user(text.as_bytes(), &mut buffer).unwrap();
    assert_same(&request, &Asked::new(crate::standard::Grant::Password, "app"), &read);
}

#[test]
fn refusals_say_what_is_wrong_and_leave_nothing_behind() {
    let (reader, mut buffer) = (JsonReader::new(&attributes()), JsonBuffer::default());
    let mut refusal = |text: &str| reader.attributes(text.as_bytes(), &mut buffer).unwrap_err().to_string();
    assert_eq!(
        refusal(r#"{"user":{"sub":"u1","x":{"a":1,"a":2}}}"#),
        "the attributes are malformed JSON: the member `a` stands twice (byte 31)"
    );
    assert_eq!(refusal("[1]"), "the attributes are not an object");
    assert_eq!(refusal(r#"{"user":1}"#), "`user` is not an object");
    assert_eq!(refusal(r#"{"organization":""}"#), "`organization` is empty");
    assert_eq!(refusal(r#"{"client":{"confidential":"yes"}}"#), "`client.confidential` is not a boolean");
    assert_eq!(reader.user(b"7", &mut buffer).unwrap_err().to_string(), "`user` is not an object");
    let error = reader.request(br#"{"grant":"password","client":"a"}"#, &mut buffer).unwrap_err();
    assert_eq!(error.to_string(), "`user` is missing, but a request with grant `password` has one");
    let read = reader.attributes(b"{}", &mut buffer).unwrap();
    assert!(!read.has(Root::User));
    assert!(
        attributes()
            .iter()
            .all(|a| a.root == Root::Client || matches!(read.read(a), Reading::Missing { found: 0 }))
    );
}

#[test]
fn nesting_is_bounded_as_in_a_request() {
    let (reader, mut buffer) = (JsonReader::new(&attributes()), JsonBuffer::default());
    let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    assert!(reader.user(nested(63).as_bytes(), &mut buffer).is_ok());
    assert!(reader.user(nested(64).as_bytes(), &mut buffer).is_err());
    assert!(reader.attributes(nested(64).as_bytes(), &mut buffer).is_ok());
    assert!(reader.attributes(nested(65).as_bytes(), &mut buffer).is_err());
    assert!(reader.attributes("[".repeat(1 << 20).as_bytes(), &mut buffer).is_err());
    assert!(reader.attributes(&vec![b' '; (16 << 20) + 1], &mut buffer).is_err());
}

#[test]
fn a_buffer_gives_back_what_one_huge_text_needed() {
    let (reader, mut buffer) = (JsonReader::new(&attributes()), JsonBuffer::default());
    let members: Vec<String> = (0..200_000).map(|n| format!("\"{n}\":0")).collect();
    let text = format!("{{{}}}", members.join(","));
    assert!(reader.user(text.as_bytes(), &mut buffer).is_ok());
    assert!(reader.user(b"{}", &mut buffer).is_ok());
    assert!(buffer.names.capacity() <= KEPT * 2);
}
