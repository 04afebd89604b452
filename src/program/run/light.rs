//! Claims of frequent forms: read, tested and given to the sink in one go.

use super::frame::Frame;
use super::strongest::Strongest;
use crate::eval::STEP_BYTES;
use crate::input::Reading;
use crate::program::bind::Read;
use crate::program::plan::{ClaimPlan, Fetch, Guard, Guards, Origin, Part, WritePlan};
use crate::program::sink::{Build, Pieces, Sink};
use crate::program::value::{Bail, MAX_BYTES, Store, Val, borrowed};
use crate::value::Value;

/// The store of those who have none.
static NOTHING: Store<'static> = Store::new();

impl<'a> Frame<'a> {
    /// Gives all claims of a program that needs no memory.
    #[inline]
    pub(super) fn issue<S: Sink>(&mut self, sink: &mut S) -> Result<(), Bail> {
        let program = self.program;
        for plan in &program.claims {
            match &plan.only {
                Some(write) if self.is_open(write)? => self.put(plan, write, sink)?,
                Some(write) => self.demand(&write.origin)?,
                None => self.put_strongest(plan, sink)?,
            }
        }
        Ok(())
    }

    #[expect(clippy::inline_always, reason = "it stands in the innermost loop")]
    #[inline(always)]
    fn is_open(&mut self, write: &'a WritePlan) -> Result<bool, Bail> {
        let passes = match &write.guards {
            Guards::None => true,
            Guards::One(guard) => self.passes(guard)?,
            Guards::Many(guards) => self.pass(guards)?,
        };
        Ok(passes && (!self.is_delegated || write.mentions_actor))
    }

    fn pass(&mut self, guards: &'a [Guard]) -> Result<bool, Bail> {
        for guard in guards {
            if !self.passes(guard)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives the claim of a write that acts.
    #[inline]
    pub(super) fn put<S: Sink>(
        &mut self,
        plan: &'a ClaimPlan,
        write: &'a WritePlan,
        sink: &mut S,
    ) -> Result<(), Bail> {
        match &write.origin {
            Origin::Constant(member, value) => sink.constant(plan, write.reach, value, member),
            Origin::Copy(Fetch::Attribute(read)) | Origin::Or(Fetch::Attribute(read), _) => {
                match self.input.read(&read.attribute) {
                    Reading::Text(text) if read.is_short(text) => sink.text(plan, write.reach, text),
                    Reading::Value(value @ Value::String(text)) if read.is_short(text) => {
                        sink.string(plan, write.reach, text, value);
                    }
                    reading => put_reading(plan, write, (read, reading), sink)?,
                }
            }
            Origin::Template(parts) => {
                let must_be_there = write.must_be_there;
                sink.built(plan, write.reach, Template { frame: self, parts, must_be_there })?;
            }
            origin => put_val(plan, write, self.value(origin)?, sink)?,
        }
        Ok(())
    }

    /// Gives a claim that several statements write into the same tokens.
    #[inline(never)]
    fn put_strongest<S: Sink>(&mut self, plan: &'a ClaimPlan, sink: &mut S) -> Result<(), Bail> {
        let mut strongest = Strongest::default();
        for write in &plan.about.writes {
            if !self.is_open(write)? {
                self.demand(&write.origin)?;
                continue;
            }
            let val = sized(write, self.value(&write.origin)?, &NOTHING)?;
            if strongest.add(write.level, val, &NOTHING)? {
                sink.fired(plan, None, write);
            }
        }
        if let (Some(val), Some(reach)) = (strongest.val(), plan.about.common) {
            sink.claim(plan, reach, val, &NOTHING);
        }
        Ok(())
    }

    /// A value that lies in no store.
    pub(super) fn value(&self, origin: &'a Origin) -> Result<Val<'a>, Bail> {
        match origin {
            Origin::Constant(_, value) => Ok(borrowed(value)),
            Origin::Copy(fetch) => self.fetch(fetch),
            Origin::Or(fetch, otherwise) => Ok(match self.fetch(fetch)? {
                Val::Absent => borrowed(otherwise),
                val => val,
            }),
            Origin::Template(_) | Origin::Value => Err(Bail),
        }
    }
}

/// A template: its parts, as templates of any form are put together.
struct Template<'f, 'a> {
    frame: &'f mut Frame<'a>,
    parts: &'a [Part],
    must_be_there: bool,
}

impl Build for Template<'_, '_> {
    fn build(self, pieces: &mut impl Pieces) -> Result<bool, Bail> {
        let Template { frame, parts, must_be_there } = self;
        let (mut is_there, mut bytes) = (true, 0);
        for part in parts {
            let (fetch, with) = match part {
                Part::Literal { text, json } => {
                    pieces.ready(text, json);
                    bytes += text.len();
                    continue;
                }
                Part::Copy(fetch) => (fetch, None),
                Part::Made(with, fetch) => (fetch, Some(with)),
            };
            match (frame.fetch(fetch)?, with) {
                (Val::Absent | Val::NoUser, _) => is_there = false,
                (val, None) => match val.as_borrowed() {
                    Some(text) => {
                        pieces.text(text);
                        bytes += text.len();
                    }
                    None => bytes += pieces.shown(val),
                },
                (val, Some(with)) => {
                    let text = val.as_borrowed().ok_or(Bail)?;
                    frame.spend(text.len() / STEP_BYTES)?;
                    match pieces.made(|out| with(text, out)) {
                        Some(made) if made > MAX_BYTES => return Err(Bail),
                        Some(made) => {
                            frame.spend(made / STEP_BYTES)?;
                            bytes += made;
                        }
                        None => is_there = false,
                    }
                }
            }
        }
        if is_there {
            // With its quotation marks.
            if bytes + 2 > MAX_BYTES {
                return Err(Bail);
            }
            frame.spend((bytes + 2) / STEP_BYTES)?;
        }
        if !is_there && must_be_there {
            return Err(Bail);
        }
        Ok(is_there)
    }
}

/// Gives a claim that is an attribute, and no short text.
fn put_reading<'a, S: Sink>(
    plan: &'a ClaimPlan,
    write: &'a WritePlan,
    (read, reading): (&'a Read, Reading<'a>),
    sink: &mut S,
) -> Result<(), Bail> {
    if let Reading::Items(items) = reading
        && let Some(limit) = read.texts_limit()
        && let Some(texts) = items.texts()
    {
        return sink.texts(plan, write.reach, (texts, limit));
    }
    let val = match (read.passed(reading)?, &write.origin) {
        (Val::Absent, Origin::Or(_, otherwise)) => borrowed(otherwise),
        (val, _) => val,
    };
    put_val(plan, write, val, sink)
}

/// Gives a claim whose value lies in no store, if there is one.
fn put_val<'a, S: Sink>(
    plan: &'a ClaimPlan,
    write: &'a WritePlan,
    val: Val<'a>,
    sink: &mut S,
) -> Result<(), Bail> {
    let val = sized(write, val, &NOTHING)?;
    if !matches!(val, Val::Absent | Val::NoUser) {
        sink.claim(plan, write.reach, val, &NOTHING);
    }
    Ok(())
}

/// The value of a write, if it is not too large; nothing where it does not fire.
#[inline]
pub(super) fn sized<'a>(write: &WritePlan, val: Val<'a>, store: &Store<'a>) -> Result<Val<'a>, Bail> {
    match val {
        // Text is small nearly always; the others were looked at before.
        Val::Text(text) if text.len() < MAX_BYTES / 2 => Ok(val),
        Val::Made(span) if span.range().len() < MAX_BYTES / 2 => Ok(val),
        Val::Absent if write.must_be_there => Err(Bail),
        Val::Bool(_) | Val::Int(_) | Val::Items(_) | Val::Absent | Val::NoUser => Ok(val),
        val => store.json_bytes(val, MAX_BYTES).map(|_| val).ok_or(Bail),
    }
}
