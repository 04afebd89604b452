//! The parser that pest makes of `grammar/claims.pest`, and a name for people for each of its rules.

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/claims.pest"]
pub(super) struct Grammar;

impl Rule {
    /// How a message names what was expected; `None` for what a message should not suggest.
    pub(super) fn describe(self) -> Option<&'static str> {
        Some(match self {
            Rule::item | Rule::item_word => "an item",
            Rule::statement
            | Rule::branch
            | Rule::block
            | Rule::verb_word
            | Rule::missing_then
            | Rule::write => "a statement",
            Rule::if_statement | Rule::kw_if => "`if`",
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
            Rule::contract_member => "a claim name",
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
            Rule::claim_path | Rule::claim_name | Rule::namespaced => "a claim name",
            Rule::expr | Rule::chain => "a value",
            Rule::member | Rule::dot => "`.`",
            Rule::index | Rule::l_bracket | Rule::list | Rule::list_mark => "`[`",
            Rule::as_type | Rule::kw_as => "`as`",
            Rule::element | Rule::lambda => "a value",
            Rule::record | Rule::l_brace | Rule::type_record => "`{`",
            Rule::pair | Rule::type_entry => "a member",
            Rule::if_expr => "`if`",
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
            Rule::EOI => "the end of the file",
            Rule::string_text | Rule::escape | Rule::template_value | Rule::template_open => "text",
            _ => return None,
        })
    }
}
