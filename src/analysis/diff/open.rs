//! Claims whose names data decides, and claims that are kept out of tokens: compared statement by statement.

use std::sync::Arc;

use crate::ir::Action;
use crate::logic::meaning::Name;
use crate::logic::solver::Doubt;
use crate::standard::Token;

use super::claims::{Both, key, reason, removers};
use super::contributions::Contributions;
use super::effects::Effect;
use super::pair::{Answer, Pair};
use super::{About, Kind};

/// Claims whose names data decides: compared write by write.
pub(super) fn name(pair: &mut Pair<'_>, both: &Both, token: Token) {
    type Key = ((u8, String), Option<Arc<str>>, u8, Arc<str>);
    let mut all: Contributions<Key> = Contributions::new();
    for is_new in [false, true] {
        let writes = if is_new { &both.new } else { &both.old };
        let side = if is_new { &pair.new } else { &pair.old };
        for write in writes.iter().filter(|write| write.tokens.contains(token)) {
            let text = side.meaning.written_text(write);
            let key = (key(&write.name), write.member.clone(), write.level as u8, text);
            all.add(&mut pair.f, is_new, key, write.fires);
        }
        for (index, tokens, name) in removers(side, &both.name) {
            if tokens.contains(token) {
                let removed = (key(&name), None, u8::MAX, Arc::from(""));
                all.add(&mut pair.f, is_new, removed, side.meaning.acts(index));
            }
        }
    }
    let issues = pair.issues();
    let gives = pair.new.meaning.gives(&mut pair.f, token);
    let mut questions = Vec::new();
    for (_, old_only, new_only) in all.differing(&mut pair.f) {
        questions.extend([pair.f.all([old_only, gives, issues]), pair.f.all([new_only, gives, issues])]);
    }
    let about = About::Claim(both.name.to_string().into(), token);
    let tells = |effect: &Effect| match (&effect.about, &both.name) {
        (About::Claim(name, of), Name::Literal(own)) => *of == token && name == own,
        (About::Claim(name, of), Name::Members(prefix, _)) => *of == token && name.starts_with(&**prefix),
        (About::Claim(_, of), Name::Config(_)) => *of == token,
        _ => false,
    };
    let mut room = pair.room(&questions);
    let mut is_open = false;
    for question in questions {
        match pair.ask(&mut room, question, &tells) {
            Answer::Never => {}
            Answer::Undecided(doubts) => {
                is_open = true;
                pair.doubt(about.clone(), &doubts);
            }
            Answer::Shown(shown) => {
                let whom = pair.whom(&mut room, question);
                pair.note(shown, &tells, |kind| kind, whom);
                is_open = true;
            }
        }
    }
    if !is_open && let Some(reason) = reason(pair, both, &[issues]) {
        pair.doubt(about, &[Doubt::Other(reason)]);
    }
}

/// Claims that are kept out of tokens, also where the issuer itself would write them.
pub(super) fn removals(pair: &mut Pair<'_>) {
    let mut all: Contributions<((u8, String), Token)> = Contributions::new();
    for is_new in [false, true] {
        let side = if is_new { &mut pair.new } else { &mut pair.old };
        let unit = side.unit;
        for (index, statement) in unit.statements.iter().enumerate() {
            let Action::Remove { claim, tokens } = &statement.action else { continue };
            let named = side.meaning.is_named(&mut pair.f, *claim);
            for token in tokens.iter() {
                let gives = side.meaning.gives(&mut pair.f, token);
                let when = pair.f.all([side.meaning.acts(index), named, gives]);
                all.add(&mut pair.f, is_new, (key(&side.meaning.name(*claim)), token), when);
            }
        }
    }
    let issues = pair.issues();
    for (((kind_of_name, name), token), old_only, new_only) in all.differing(&mut pair.f) {
        let about = About::Claim(name.as_str().into(), token);
        for (when, kind) in [(old_only, Kind::LostRemoval), (new_only, Kind::NewRemoval)] {
            let when = pair.f.both(when, issues);
            let mut room = pair.room(&[when]);
            let tells = |effect: &Effect| effect.kind == kind && (kind_of_name != 0 || effect.about == about);
            match pair.ask(&mut room, when, &tells) {
                Answer::Never => {}
                Answer::Undecided(doubts) => pair.doubt(about.clone(), &doubts),
                Answer::Shown(shown) => {
                    let whom = pair.whom(&mut room, when);
                    pair.note(shown, &tells, |kind| kind, whom);
                }
            }
        }
    }
}
