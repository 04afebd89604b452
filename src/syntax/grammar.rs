//! The parser that pest makes of `grammar/claims.pest`, and a name for people for each of its rules.

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/claims.pest"]
pub(super) struct Grammar;

impl Rule {
    /// How a message names what was expected; `None` for what a message should not suggest. Long because it lists every
    /// rule: a new one needs a decision here.
    #[expect(clippy::too_many_lines, reason = "a table: one line for each rule of the grammar")]
    pub(super) fn describe(self) -> Option<&'static str> {
        Some(match self {
            Rule::item | Rule::item_word => "an item",
            Rule::statement
            | Rule::branch
            | Rule::block
            | Rule::verb_word
            | Rule::missing_then
            | Rule::write => "a statement",
            Rule::if_statement | Rule::if_expr | Rule::kw_if => "`if`",
            Rule::namespace_item | Rule::kw_namespace => "`namespace`",
            Rule::claim_item | Rule::kw_claim => "`claim`",
            Rule::let_item | Rule::kw_let => "`let`",
            Rule::table_item | Rule::kw_table => "`table`",
            Rule::contract_item | Rule::kw_contract => "`contract`",
            Rule::ensure_item | Rule::kw_ensure => "`ensure`",
            Rule::rule_item | Rule::kw_rule => "`rule`",
            Rule::allow | Rule::at_allow => "`@allow`",
            Rule::accepts | Rule::at_accepts => "`@accepts`",
            Rule::at_overridable => "`@overridable`",
            Rule::claim_alias | Rule::assign | Rule::equal => "`=`",
            Rule::parameters | Rule::arguments | Rule::l_paren | Rule::parens | Rule::type_parens => "`(`",
            Rule::r_paren => "`)`",
            Rule::row => "a row",
            Rule::for_audience | Rule::w_for => "`for`",
            Rule::when | Rule::w_when => "`when`",
            Rule::condition => "a condition",
            Rule::else_if | Rule::kw_else => "`else`",
            Rule::remove | Rule::remove_scope | Rule::kw_remove => "`remove`",
            Rule::deny | Rule::refusal | Rule::kw_deny => "`deny`",
            Rule::add_scope | Rule::kw_add => "`add`",
            Rule::limit | Rule::kw_limit => "`limit`",
            Rule::set_audience | Rule::kw_set => "`set`",
            Rule::matching | Rule::kw_matching => "`matching`",
            Rule::target | Rule::kw_to => "`to`",
            Rule::unless | Rule::kw_unless => "`unless`",
            Rule::contract_member | Rule::claim_path | Rule::claim_name | Rule::namespaced => "a claim name",
            Rule::expr | Rule::chain | Rule::element | Rule::lambda => "a value",
            Rule::member | Rule::dot => "`.`",
            Rule::index | Rule::l_bracket | Rule::list | Rule::list_mark => "`[`",
            Rule::as_type | Rule::kw_as => "`as`",
            Rule::record | Rule::l_brace | Rule::type_record => "`{`",
            Rule::pair | Rule::type_entry => "a member",
            Rule::match_expr | Rule::kw_match => "`match`",
            Rule::arm => "a case",
            Rule::literal | Rule::pair_key => "a literal",
            Rule::r#type | Rule::type_name => "a type",
            Rule::type_enum | Rule::string | Rule::quote => "a string",
            Rule::type_map | Rule::w_map => "`map`",
            Rule::word | Rule::name | Rule::local | Rule::variable => "a name",
            Rule::slug => "the slug of a check",
            Rule::kw_default => "`default`",
            Rule::kw_override => "`override`",
            Rule::kw_append => "`append`",
            Rule::kw_then => "`then`",
            Rule::kw_and
            | Rule::kw_or
            | Rule::kw_in
            | Rule::not_in
            | Rule::not_equal
            | Rule::less
            | Rule::less_equal
            | Rule::greater
            | Rule::greater_equal
            | Rule::coalesce
            | Rule::plus
            | Rule::minus
            | Rule::times
            | Rule::kw_exists
            | Rule::kw_failed => "an operator",
            Rule::kw_not => "`not`",
            Rule::negative => "`-`",
            Rule::kw_true => "`true`",
            Rule::kw_false => "`false`",
            Rule::kw_null => "`null`",
            Rule::kw_omit => "`omit`",
            Rule::w_never => "`never`",
            Rule::w_always => "`always`",
            Rule::w_no => "`no`",
            Rule::w_scope => "`scope`",
            Rule::w_scopes => "`scopes`",
            Rule::w_lifetime => "`lifetime`",
            Rule::w_audience => "`audience`",
            Rule::w_any => "`_`",
            Rule::r_bracket => "`]`",
            Rule::r_brace => "`}`",
            Rule::comma => "`,`",
            Rule::colon => "`:`",
            Rule::dots => "`...`",
            Rule::star => "`*`",
            Rule::arrow => "`=>`",
            Rule::pipe => "`|`",
            Rule::optional_mark => "`?`",
            Rule::number => "a number",
            Rule::regex => "a regular expression",
            Rule::EOI => "the end",
            Rule::string_text | Rule::escape | Rule::template_value | Rule::template_open => "text",
            // Recovery, habits, white space, and rules that only group others.
            Rule::file
            | Rule::claim_note
            | Rule::row_key
            | Rule::ensured
            | Rule::statement_body
            | Rule::guarded
            | Rule::verb
            | Rule::no_value
            | Rule::tail
            | Rule::h_late_target
            | Rule::h_ternary
            | Rule::operand
            | Rule::prefix
            | Rule::postfix
            | Rule::infix
            | Rule::primary
            | Rule::key
            | Rule::pattern
            | Rule::argument
            | Rule::h_lambda
            | Rule::type_file
            | Rule::type_base
            | Rule::WHITESPACE
            | Rule::COMMENT
            | Rule::word_char
            | Rule::reserved
            | Rule::stop_word
            | Rule::h_semicolon
            | Rule::h_let
            | Rule::h_elif
            | Rule::h_return
            | Rule::h_nothing
            | Rule::h_not
            | Rule::h_and
            | Rule::h_or
            | Rule::h_equal
            | Rule::h_not_equal
            | Rule::h_assign
            | Rule::h_safe_dot
            | Rule::h_question
            | Rule::h_single
            | Rule::h_dashed
            | Rule::h_local
            | Rule::bad_item
            | Rule::bad_statement
            | Rule::bad_branch
            | Rule::bad_condition
            | Rule::bad_row
            | Rule::stop
            | Rule::whole_item
            | Rule::whole_statement
            | Rule::junk
            | Rule::junk_group
            | Rule::junk_string
            | Rule::junk_regex
            | Rule::junk_word
            | Rule::junk_name
            | Rule::junk_token
            | Rule::junk_pattern
            | Rule::skipped_claim
            | Rule::skipped_string
            | Rule::skipped_code => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use pest::Parser;

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
    }

    /// Name, modifier and body of each rule.
    fn rules() -> Vec<(String, char, String)> {
        let text = fs::read_to_string(root().join("grammar/claims.pest")).unwrap();
        let code: String = text.split_inclusive('\n').filter(|line| !line.starts_with("//")).collect();
        code.split("\n\n")
            .flat_map(|part| part.split_inclusive("}\n"))
            .filter_map(|rule| {
                let (name, body) = rule.split_once('=')?;
                let body = body.trim();
                Some((name.trim().to_owned(), body.chars().next()?, body.to_owned()))
            })
            .collect()
    }

    fn words(body: &str) -> BTreeSet<String> {
        body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_rule_that_makes_pairs_occurs_in_a_fixture() {
        let mut seen = BTreeSet::new();
        for entry in fs::read_dir(root().join("tests/syntax")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "claims") {
                let text = fs::read_to_string(path).unwrap();
                if let Ok(pairs) = Grammar::parse(Rule::file, &text) {
                    seen.extend(pairs.flatten().map(|pair| format!("{:?}", pair.as_rule())));
                }
            }
        }
        // Rules that are only used inside tokens, ahead of the cursor, or by the builder itself.
        let inner = [
            "reserved",
            "stop_word",
            "verb_word",
            "item_word",
            "skipped_claim",
            "skipped_string",
            "skipped_code",
            "h_assign",
            "type_file",
            "whole_item",
            "whole_statement",
        ];
        let unseen: Vec<String> = rules()
            .into_iter()
            .filter(|(name, modifier, _)| {
                *modifier != '_' && !seen.contains(name) && !inner.contains(&name.as_str())
            })
            .map(|(name, ..)| name)
            .collect();
        assert_eq!(unseen, [""; 0]);
    }

    #[test]
    fn keywords_and_reserved_words_are_the_same() {
        let mut keywords = BTreeSet::new();
        let mut reserved = BTreeSet::new();
        for (name, _, body) in rules() {
            if name.starts_with("kw_") {
                assert!(body.ends_with("~ !word_char }"), "{name} has no boundary");
                keywords.extend(words(&body));
            }
            if name == "reserved" {
                reserved = words(&body);
            }
        }
        assert_eq!(keywords, reserved);
        for word in &reserved {
            assert!(Grammar::parse(Rule::reserved, word).is_ok_and(|pairs| pairs.as_str() == word), "{word}");
            assert!(Grammar::parse(Rule::name, word).is_err(), "{word}");
            assert!(Grammar::parse(Rule::name, &format!("{word}s")).is_ok(), "{word}s");
        }
    }

    #[test]
    fn stop_words_are_the_verbs_and_item_words() {
        let of = |rule: &str| {
            let all = rules().into_iter().filter(|(name, ..)| name == rule);
            all.flat_map(|(_, _, body)| words(&body)).collect::<BTreeSet<_>>()
        };
        let mut starts: BTreeSet<String> = BTreeSet::new();
        for (name, _, body) in rules() {
            // The keywords that a statement or item begins with.
            if name.ends_with("_item")
                || ["write", "remove", "refusal", "limit", "set_audience", "if_statement"]
                    .contains(&name.as_str())
            {
                let first = body.trim_start_matches(['{', ' ', '(']);
                let first = first.split(" ~ ").next().unwrap_or_default();
                starts.extend(
                    first.split([' ', '|', ')']).filter_map(|w| w.strip_prefix("kw_")).map(str::to_owned),
                );
            }
        }
        let mut stops = of("stop_word");
        stops.extend(of("verb_word"));
        stops.extend(of("item_word"));
        stops.remove("else");
        assert_eq!(starts, stops);
    }
}
