//! How names look to people and to lenient consumers: two names that fold to one text are twins.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// What remains of a name without what is easily overlooked: case, look-alikes (Unicode Technical Standard 39, skeleton),
/// `http` for `https`, a default port, slashes at the end.
pub(super) fn folded(name: &str) -> String {
    let plain: String = if name.is_ascii() { name.to_ascii_lowercase() } else { unmasked(name) };
    let plain = match plain.split_once("://") {
        Some(("http" | "https", rest)) => {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let host = host.strip_suffix(":443").or(host.strip_suffix(":80")).unwrap_or(host);
            format!("//{host}{path}")
        }
        _ => plain,
    };
    plain.trim_end_matches(['/', ':']).to_owned()
}

/// The text in the letters that it looks like, in lower case.
fn unmasked(name: &str) -> String {
    let mut looks = String::new();
    for c in name.nfkc().flat_map(char::to_lowercase) {
        if c.is_ascii() {
            looks.push(c);
            continue;
        }
        // The skeleton of what looks like `m` is `rn`.
        let letter: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
        looks.push_str(if letter == "rn" { "m" } else { &letter });
    }
    looks
}

/// Why a name is not what it seems to be; `None` where it is.
pub(super) fn misleading(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    if let Some(c) = name.chars().find(|c| is_unseen(*c)) {
        return Some(format!("has the invisible character U+{:04X}", u32::from(c)));
    }
    if let Some(c) = name.chars().find(|c| c.is_whitespace() && *c != ' ') {
        return Some(format!("has the blank U+{:04X}, which is no ordinary one", u32::from(c)));
    }
    if !unicode_normalization::is_nfc(name) {
        return Some("is not in Normalization Form C (Unicode Standard Annex 15)".to_owned());
    }
    let looks = unmasked(name);
    if looks.is_ascii() && looks != name.to_lowercase() {
        return Some(format!("looks like `{looks}` and has other letters (Unicode Technical Standard 39)"));
    }
    None
}

/// Controls of direction and format, joiners, variation selectors and other default-ignorable characters.
fn is_unseen(c: char) -> bool {
    matches!(
        u32::from(c),
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
            | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_fold_to_one_text() {
        for (a, b) in [
            ("Email", "email"),
            ("https://acme.example/x", "http://acme.example/x/"),
            ("https://acme.example:443/x", "https://ACME.example/x"),
            ("\u{455}cope", "scope"),
            ("\u{ff45}mail", "email"),
            ("ro\u{3bf}m", "room"),
        ] {
            assert_eq!(folded(a), folded(b), "{a} {b}");
        }
        for (a, b) in
            [("email", "emails"), ("user_id", "user-id"), ("straße", "strasse"), ("modern", "modem")]
        {
            assert_ne!(folded(a), folded(b), "{a} {b}");
        }
    }

    #[test]
    fn misleading_names_are_told_why() {
        for name in ["ema\u{200b}il", "e\u{301}mail", "\u{430}dmin", "\u{202e}liame", "tier\u{a0}name"] {
            assert!(misleading(name).is_some(), "{name:?}");
        }
        for name in ["email", "größe", "名前", "роль", "rôle", "tier name"] {
            assert_eq!(misleading(name), None, "{name}");
        }
    }
}
