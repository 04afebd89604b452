//! A compact picture of the tree for snapshots: s-expressions, one statement per line.

use std::fmt::Write as _;

use claimsc::ast::{
    Allow, Block, ClaimItem, ClaimName, ClaimPath, ClaimSubject, Contract, Deny, Ensure, EnsureKind, Expr,
    ExprKind, File, If, Item, ItemKind, Let, Member, Notes, Part, Statement, StatementKind, SumOperator,
    Table, Target, Text, Type, TypeKind, Verb, VerbKind,
};

pub(super) fn file(file: &File) -> String {
    let mut out = Dump::default();
    for it in &file.items {
        out.item(it);
    }
    out.text
}

#[derive(Default)]
struct Dump {
    text: String,
    indent: usize,
}

impl Dump {
    fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(&"  ".repeat(self.indent));
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    fn nested(&mut self, body: impl FnOnce(&mut Self)) {
        self.indent += 1;
        body(self);
        self.indent -= 1;
    }

    fn notes(&mut self, notes: &Notes) {
        if let Some(doc) = &notes.doc {
            self.line(format!("doc {:?}", doc.text));
        }
        self.allows(&notes.allows);
    }

    fn allows(&mut self, allows: &[Allow]) {
        for allow in allows {
            self.line(format!("allow {} {:?}", allow.slug.text, allow.reason.text));
        }
    }

    fn item(&mut self, item: &Item) {
        self.notes(&item.notes);
        match &item.kind {
            ItemKind::Namespace { name, prefix } => {
                self.line(format!("(namespace {} {:?})", name.text, prefix.text));
            }
            ItemKind::Claim(it) => self.line(claim_item(it)),
            ItemKind::Let(it) => self.line(let_item(it)),
            ItemKind::Table(it) => self.table(it),
            ItemKind::Contract(it) => self.contract(it),
            ItemKind::Ensure(it) => self.line(ensure(it)),
            ItemKind::Rule { name, body } => {
                self.line(format!("rule {}", name.text));
                self.nested(|out| out.statement(body));
            }
            ItemKind::Statement(it) => self.statement(it),
        }
    }

    fn table(&mut self, table: &Table) {
        self.line(format!("table {}", table.name.text));
        self.nested(|out| {
            for row in &table.rows {
                let keys: Vec<String> = row.keys.iter().map(expr).collect();
                out.line(format!("(row ({}) {})", keys.join(" "), expr(&row.value)));
            }
        });
    }

    fn contract(&mut self, contract: &Contract) {
        self.line(format!("contract {}", contract.audience.text));
        self.nested(|out| {
            for member in &contract.members {
                if let Some(doc) = &member.doc {
                    out.line(format!("doc {:?}", doc.text));
                }
                out.line(format!("({} {})", claim_name(&member.claim), ty(&member.ty)));
            }
        });
    }

    fn statement(&mut self, statement: &Statement) {
        self.notes(&statement.notes);
        match &statement.kind {
            StatementKind::If(it) => self.if_statement(it),
            StatementKind::Block(it) => self.block("block", it),
            StatementKind::Let(it) => self.line(let_item(it)),
            StatementKind::Verb(it) => self.line(verb(it)),
            StatementKind::Error => self.line("ERROR"),
        }
    }

    fn if_statement(&mut self, it: &If) {
        for (i, branch) in it.branches.iter().enumerate() {
            let word = if i == 0 { "if" } else { "else-if" };
            self.block(&format!("{word} {}", expr(&branch.condition)), &branch.body);
        }
        if let Some(otherwise) = &it.otherwise {
            self.block("else", otherwise);
        }
    }

    fn block(&mut self, head: &str, block: &Block) {
        self.line(format!("{head}{}", block.target.as_ref().map(target).unwrap_or_default()));
        self.nested(|out| {
            out.allows(&block.allows);
            for it in &block.statements {
                out.statement(it);
            }
        });
    }
}

fn claim_item(it: &ClaimItem) -> String {
    let mut text = match &it.subject {
        ClaimSubject::Literal { alias, name } => format!("(claim {} {:?}", alias.text, name.text),
        ClaimSubject::Config { alias, path } => format!("(claim {} {}", alias.text, expr(path)),
        ClaimSubject::Existing(name) => format!("(claim {}", claim_name(name)),
    };
    for accepts in &it.accepts {
        let _ = write!(text, " @accepts({} {:?})", accepts.label.text, accepts.reason.text);
    }
    if it.overridable.is_some() {
        text += " @overridable";
    }
    text + ")"
}

fn let_item(it: &Let) -> String {
    let params = it.params.as_ref().map(|params| {
        let names: Vec<&str> = params.iter().map(|p| p.text.as_str()).collect();
        format!(" ({})", names.join(" "))
    });
    format!("(let {}{} {})", it.name.text, params.unwrap_or_default(), expr(&it.value))
}

fn ensure(it: &Ensure) -> String {
    let mut text = match &it.kind {
        EnsureKind::Never(name) => format!("(ensure never {}", claim_name(name)),
        EnsureKind::Always(name) => format!("(ensure always {}", claim_name(name)),
        EnsureKind::NoLabel(label) => format!("(ensure no {}", label.text),
        EnsureKind::Deny => "(ensure deny".to_owned(),
    };
    if let Some(audience) = &it.audience {
        let _ = write!(text, " for {}", audience.text);
    }
    text += &it.target.as_ref().map(target).unwrap_or_default();
    if let Some(when) = &it.when {
        let _ = write!(text, " when {}", expr(when));
    }
    text + ")"
}

fn target(target: &Target) -> String {
    target.tokens.iter().map(|(token, _)| format!(" ->{token}")).collect()
}

fn verb(verb: &Verb) -> String {
    let mut text = match &verb.kind {
        VerbKind::Write { level, claim, value, matching } => {
            let matching = matching.as_ref().map(|m| format!(" matching /{}/", m.text)).unwrap_or_default();
            format!("({} {} {}{matching}", level.as_str(), claim_path(claim), expr(value))
        }
        VerbKind::Remove(claim) => format!("(remove {}", claim_path(claim)),
        VerbKind::Deny(it) => deny(it),
        VerbKind::AddScope(it) => format!("(add-scope {}", expr(it)),
        VerbKind::RemoveScope(it) => format!("(remove-scope {}", expr(it)),
        VerbKind::LimitScopes(it) => format!("(limit-scopes {}", expr(it)),
        VerbKind::SetAudience(it) => format!("(set-audience {}", expr(it)),
        VerbKind::LimitLifetime(it) => format!("(limit-lifetime {}", expr(it)),
    };
    text += &verb.target.as_ref().map(target).unwrap_or_default();
    if let Some(unless) = &verb.unless {
        let _ = write!(text, " unless {}", expr(unless));
    }
    text + ")"
}

fn deny(it: &Deny) -> String {
    let code = it.code.as_ref().map(|code| format!(" {}", code.text)).unwrap_or_default();
    format!("(deny{code} {:?}", it.text.text)
}

fn claim_path(path: &ClaimPath) -> String {
    let member = path.member.as_ref().map(|m| format!(" .{}", m.text)).unwrap_or_default();
    claim_name(&path.name) + &member
}

fn claim_name(name: &ClaimName) -> String {
    match name {
        ClaimName::Bare(name) => name.text.clone(),
        ClaimName::Quoted(text) => format!("{:?}", text.text),
        ClaimName::Namespaced { namespace, local, .. } => format!("{}/{}", namespace.text, local.text),
        ClaimName::All { namespace, .. } => format!("{}/*", namespace.text),
    }
}

fn exprs(list: &[Expr]) -> String {
    list.iter().map(|it| format!(" {}", expr(it))).collect()
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
pub(super) fn expr(it: &Expr) -> String {
    match &*it.kind {
        ExprKind::Error => "ERROR".to_owned(),
        ExprKind::Bool(it) => it.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Omit => "omit".to_owned(),
        ExprKind::Number(digits) => digits.clone(),
        ExprKind::Duration(seconds) => format!("{seconds}s"),
        ExprKind::Template(parts) => template(parts),
        ExprKind::Regex(pattern) => format!("/{pattern}/"),
        ExprKind::List(elements) => {
            let each =
                elements.iter().map(|e| format!(" {}{}", if e.spread { "..." } else { "" }, expr(&e.value)));
            format!("(list{})", each.collect::<String>())
        }
        ExprKind::Record(members) => {
            let each = members.iter().map(|member| match member {
                Member::Named { name, value } => format!(" {}: {}", name.text, expr(value)),
                Member::Spread(value) => format!(" ...{}", expr(value)),
            });
            format!("(record{})", each.collect::<String>())
        }
        ExprKind::Name(name) => name.clone(),
        ExprKind::Member { object, name } => format!("(. {} {})", expr(object), name.text),
        ExprKind::Index { object, index } => format!("([] {}{})", expr(object), exprs(index)),
        ExprKind::Call { function, arguments } => format!("(call {}{})", function.text, exprs(arguments)),
        ExprKind::Method { receiver, name, arguments } => {
            format!("(.{} {}{})", name.text, expr(receiver), exprs(arguments))
        }
        ExprKind::Lambda { param, body } => format!("({} => {})", param.text, expr(body)),
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} {} {})", expr(condition), expr(then), expr(otherwise))
        }
        ExprKind::Match { subject, arms } => {
            let each = arms.iter().map(|arm| {
                let patterns = if arm.patterns.is_empty() { " _".to_owned() } else { exprs(&arm.patterns) };
                format!(" ({} => {})", patterns.trim(), expr(&arm.value))
            });
            format!("(match {}{})", expr(subject), each.collect::<String>())
        }
        ExprKind::Not(it) => format!("(not {})", expr(it)),
        ExprKind::Negate(it) => format!("(- {})", expr(it)),
        ExprKind::And(list) => format!("(and{})", exprs(list)),
        ExprKind::Or(list) => format!("(or{})", exprs(list)),
        ExprKind::Compare { operator, left, right } => {
            format!("({} {} {})", operator.as_str(), expr(left), expr(right))
        }
        ExprKind::In { negated, element, list } => {
            format!("({}in {} {})", if *negated { "not-" } else { "" }, expr(element), expr(list))
        }
        ExprKind::Coalesce(list) => format!("(??{})", exprs(list)),
        ExprKind::Sum(first, rest) => {
            let each = rest.iter().map(|(operator, it)| {
                format!(" {} {}", if *operator == SumOperator::Plus { "+" } else { "-" }, expr(it))
            });
            format!("(sum {}{})", expr(first), each.collect::<String>())
        }
        ExprKind::Product(list) => format!("(*{})", exprs(list)),
        ExprKind::Exists(it) => format!("(exists {})", expr(it)),
        ExprKind::Failed(it) => format!("(failed {})", expr(it)),
        ExprKind::As(it, as_type) => format!("(as {} {})", expr(it), ty(as_type)),
        ExprKind::Deny(it) => deny(it) + ")",
    }
}

fn template(parts: &[Part]) -> String {
    match parts {
        [] => "\"\"".to_owned(),
        [Part::Text(text)] => format!("{text:?}"),
        parts => {
            let each = parts.iter().map(|part| match part {
                Part::Text(text) => format!(" {text:?}"),
                Part::Value(value) => format!(" {}", expr(value)),
            });
            format!("(template{})", each.collect::<String>())
        }
    }
}

pub(super) fn ty(it: &Type) -> String {
    match &*it.kind {
        TypeKind::Error => "ERROR".to_owned(),
        TypeKind::Named(name) => name.clone(),
        TypeKind::Enum(words) => {
            format!("(enum{})", words.iter().map(|w: &Text| format!(" {:?}", w.text)).collect::<String>())
        }
        TypeKind::List(inner) => format!("(list {})", ty(inner)),
        TypeKind::Map(inner) => format!("(map {})", ty(inner)),
        TypeKind::Optional(inner) => format!("(optional {})", ty(inner)),
        TypeKind::Record { members, open } => {
            let each = members.iter().map(|(name, it)| format!(" {}: {}", name.text, ty(it)));
            format!("(record{}{})", each.collect::<String>(), if *open { " ..." } else { "" })
        }
    }
}
