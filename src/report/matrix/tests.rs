use super::*;
use crate::analysis::matrix::testing::sample;
use crate::report::pretty;
use crate::report::terminal::Style;
use crate::value::JsonLimits;

#[test]
fn a_terminal_of_100_columns() {
    let text = text(&sample(), Style::PLAIN);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colours_change_nothing_but_colours() {
    let style = Style { color: true, unicode: true, width: 100 };
    let mut plain = String::new();
    for (i, part) in text(&sample(), style).split("\u{1b}[").enumerate() {
        plain.push_str(if i == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(plain, text(&sample(), Style { color: false, ..style }));
}

#[test]
fn narrow_terminals_cut_nothing() {
    let narrow = text(&sample(), Style { width: 60, ..Style::PLAIN });
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(ToOwned::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(&narrow), words(&text(&sample(), Style { width: 200, ..Style::PLAIN })));
}

#[test]
fn the_json_form() {
    insta::assert_snapshot!(pretty(&json(&sample())));
}

#[test]
fn the_markdown_form() {
    insta::assert_snapshot!(markdown(&sample()));
}

/// What stands between two marks, the first of each.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn no_value_breaks_out_of_the_page() {
    let page = html(&sample());
    let embedded = between(&page, r#"<script type="application/json" id="data">"#, "</script>");
    assert!(!embedded.contains('<'), "{embedded}");
    // Nothing is lost: the reader of the page gets what `--format json` prints.
    assert_eq!(Value::parse_json(embedded.as_bytes(), JsonLimits::default()).unwrap(), json(&sample()));
    // What a claim, a condition and an undecided expression say stands in the data and nowhere else.
    let rest = page.replace(embedded, "");
    for text in ["img src=x", "alert(1)", "<b>", "tenant"] {
        assert!(
            embedded.contains(&text.replace('<', "\\u003c")) && !rest.contains(&format!("\"{text}")),
            "{text}"
        );
    }
    assert_eq!(rest.matches("<script").count(), 2);
    assert_eq!(rest.matches("</script>").count(), 2);
}

#[test]
fn the_page_runs_its_own_script_and_loads_nothing() {
    use base64::Engine as _;
    use sha2::Digest as _;

    let page = html(&sample());
    let policy = between(&page, r#"<meta http-equiv="Content-Security-Policy" content=""#, "\"");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (what, start, end) in [("style-src", "<style>", "</style>"), ("script-src", "<script>", "</script>")]
    {
        let digest = sha2::Sha256::digest(between(&page, start, end));
        let hash = base64::engine::general_purpose::STANDARD.encode(digest);
        assert!(policy.contains(&format!("{what} 'sha256-{hash}'")), "{what}: {hash}");
    }
    // No attribute that would need another permission, no address of anything else, nothing left to fill in.
    for forbidden in
        ["://", "style=", "onclick", "innerHTML", "src=", "href", "@import", "url(", "{style", "{data}"]
    {
        let own = page.replace(between(&page, r#"id="data">"#, "</script>"), "");
        assert!(!own.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_script_finds_what_it_looks_for() {
    let (page, script) = (include_str!("page.html"), include_str!("page.js"));
    let ids: Vec<&str> = page.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let literal = script.split("$(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let facets = between(script, "FACETS = [", "]").split(", ").map(|word| word.trim_matches('"'));
    let wanted: Vec<&str> = literal.chain(facets).collect();
    assert!(wanted.len() > 20, "{wanted:?}");
    for id in wanted {
        assert!(ids.contains(&id), "{id}");
    }
    // Every key that the page explains is one that the script knows, and the other way round.
    let explained: Vec<&str> = page
        .split("<kbd>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .filter(|key| key.len() == 1)
        .collect();
    let known = between(script, "const KEYS = {", "\n  };");
    let known: Vec<&str> = known
        .lines()
        .filter_map(|line| line.trim().split(':').next())
        .filter(|key| !key.is_empty())
        .map(|key| key.trim_matches('"'))
        .collect();
    assert_eq!(
        {
            let mut keys = explained;
            keys.sort_unstable();
            keys
        },
        {
            let mut keys = known;
            keys.sort_unstable();
            keys
        }
    );
}
