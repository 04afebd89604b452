//! A policy in its bytes: checked as a whole when it is loaded, decoded where it is wanted.

use std::sync::{Arc, OnceLock};

use super::bytes::Cursor;
#[cfg(feature = "compiler")]
use super::bytes::put_number;
use super::checker::{Checker, MAX_LET, Sizes};
use super::error::{Fault, LoadError};
use super::frame::CONTENT;
#[cfg(feature = "compiler")]
use super::pool;
use super::pool::Pool;
use super::reader::{Chosen, Numbering, Reader};
use super::unit::Shared;
use super::wire::Wire;
#[cfg(feature = "compiler")]
use super::writer::Writer;
#[cfg(feature = "compiler")]
use crate::eval::Dispatch;
use crate::ir::{Action, Chain, Denial, Ensure, Let, Statement, Unit};
use crate::source::{FileId, Sources, Span};

/// A loaded artifact.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Everything but the signature.
    bytes: Vec<u8>,
    fingerprint: Arc<str>,
    pool: Pool,
    shared: Shared,
    locals: u32,
    /// Where each let, chain and statement stands.
    lets: Vec<u32>,
    chains: Vec<u32>,
    statements: Vec<u32>,
    ensures: u32,
    sources: usize,
    whole: OnceLock<Unit>,
}

impl Packed {
    /// Checks the content of an artifact and reads what all statements share.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, LoadError> {
        let mut cursor = Cursor::new(&bytes, CONTENT);
        let at = cursor.at();
        let length = cursor.expect_count()?;
        let fingerprint = std::str::from_utf8(cursor.expect_bytes(length)?)
            .map_err(|_| Fault::new(at, "the fingerprint is not UTF-8"))?;
        let fingerprint = Arc::from(fingerprint);
        let pool = Pool::open(&mut cursor)?;
        let mut checker = Checker::new(cursor, &pool);
        checker.sizes = sizes(&mut checker)?;
        let (at, _) = checker.record::<Shared>()?;
        let shared =
            Reader::new(&bytes, &pool).record(at).ok_or(checker.fault("the artifact cannot be read"))?;
        check_sizes(&checker, &shared)?;
        let mut lets = Vec::with_capacity(checker.sizes.lets as usize);
        for _ in 0..checker.sizes.lets {
            let (at, depth) = checker.record::<Let>()?;
            if depth > MAX_LET {
                return Err(checker.fault("lets nest too deeply").into());
            }
            checker.lets.push(depth);
            lets.push(at);
        }
        let Sizes { chains, statements, .. } = checker.sizes;
        let chains = records::<Chain>(&mut checker, chains)?;
        let statements = records::<Statement>(&mut checker, statements)?;
        let (ensures, _) = checker.record::<Vec<Ensure>>()?;
        let sources = checker.cursor.at();
        check_sources(&mut checker)?;
        if checker.cursor.left() > 0 {
            return Err(checker.fault("something follows the end").into());
        }
        let locals = checker.sizes.locals;
        let whole = OnceLock::new();
        Ok(Packed {
            fingerprint,
            shared,
            locals,
            lets,
            chains,
            statements,
            ensures,
            sources,
            whole,
            pool,
            bytes,
        })
    }

    pub(super) fn fingerprint(&self) -> &Arc<str> {
        &self.fingerprint
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn statements(&self) -> usize {
        self.statements.len()
    }

    /// The whole policy, decoded the first time.
    pub(super) fn unit(&self) -> &Unit {
        self.whole.get_or_init(|| self.read_unit().unwrap_or_else(|| self.closed()))
    }

    fn read_unit(&self) -> Option<Unit> {
        let mut reader = Reader::new(&self.bytes, &self.pool);
        let mut unit = self.empty();
        unit.lets = all(&mut reader, &self.lets)?;
        unit.chains = all(&mut reader, &self.chains)?;
        unit.statements = all(&mut reader, &self.statements)?;
        unit.ensures = reader.record(self.ensures)?;
        Some(unit)
    }

    /// Some statements, and the chains and lets that they need, numbered in the order of their first use.
    pub(super) fn excerpt(&self, statements: &[usize]) -> Unit {
        self.read_excerpt(statements).unwrap_or_else(|| self.closed())
    }

    fn read_excerpt(&self, statements: &[usize]) -> Option<Unit> {
        let mut reader = Reader::new(&self.bytes, &self.pool);
        reader.chosen = Some(Chosen::default());
        let mut unit = self.empty();
        for at in statements.iter().filter_map(|index| self.statements.get(*index)) {
            unit.statements.push(reader.record(*at)?);
        }
        let next = |reader: &Reader<'_>, of: fn(&Chosen) -> &Numbering, done: usize| {
            of(reader.chosen.as_ref()?).old.get(done).copied()
        };
        while let Some(old) = next(&reader, |chosen| &chosen.chains, unit.chains.len()) {
            unit.chains.push(reader.record(*self.chains.get(old as usize)?)?);
        }
        while let Some(old) = next(&reader, |chosen| &chosen.lets, unit.lets.len()) {
            unit.lets.push(reader.record(*self.lets.get(old as usize)?)?);
        }
        Some(unit)
    }

    /// The policy's texts.
    pub(super) fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        let mut reader = Reader::new(&self.bytes, &self.pool);
        reader.go_to(self.sources);
        for _ in 0..usize::read(&mut reader).unwrap_or_default() {
            let Some((name, text)) = read_source(&mut reader) else { break };
            sources.add(&name, text);
        }
        sources
    }

    /// What all statements share, without any.
    fn empty(&self) -> Unit {
        let Shared { catalog, slots, tables, namespaces, claims, contracts, .. } = &self.shared;
        Unit {
            catalog: catalog.clone(),
            slots: slots.clone(),
            lets: Vec::new(),
            tables: tables.clone(),
            namespaces: namespaces.clone(),
            claims: claims.clone(),
            chains: Vec::new(),
            statements: Vec::new(),
            ensures: Vec::new(),
            contracts: contracts.clone(),
            locals: self.locals,
        }
    }

    /// A policy that refuses every request: in place of one that was checked and cannot be read all the same.
    fn closed(&self) -> Unit {
        let span = Span::new(FileId::at(0), 0, 0);
        let denial = Denial { code: "server_error".into(), text: "the policy cannot be read".into() };
        let statement = Statement {
            guard: Vec::new(),
            unless: None,
            action: Action::Deny(denial),
            span,
            subject: span,
            place: "artifact:0".into(),
            rule: None,
            reads: Vec::new(),
            handles_failure: Vec::new(),
            mentions_actor: false,
            allows: Vec::new(),
        };
        Unit { statements: vec![statement], ..self.empty() }
    }
}

/// How many there are of everything that is referred to by number.
fn sizes(of: &mut Checker<'_>) -> Result<Sizes, Fault> {
    let mut next = || u32::try_from(of.cursor.expect_count()?).map_err(|_| of.fault("a count is too large"));
    Ok(Sizes {
        slots: next()?,
        tables: next()?,
        claims: next()?,
        locals: next()?,
        lets: next()?,
        chains: next()?,
        statements: next()?,
    })
}

/// Holds what was read against what was announced.
fn check_sizes(of: &Checker<'_>, shared: &Shared) -> Result<(), Fault> {
    let Shared { slots, tables, claims, dispatch, .. } = shared;
    let found =
        [(slots.len(), of.sizes.slots), (tables.len(), of.sizes.tables), (claims.len(), of.sizes.claims)];
    if found.iter().any(|(found, announced)| *found != *announced as usize) {
        return Err(of.fault("there are not as many attributes, tables or claims as announced"));
    }
    if dispatch.positions().any(|position| position >= of.sizes.statements as usize) {
        return Err(of.fault("a statement that is filed is none"));
    }
    Ok(())
}

/// Checks records, and gives where each stands.
fn records<T: Wire>(of: &mut Checker<'_>, count: u32) -> Result<Vec<u32>, Fault> {
    (0..count).map(|_| of.record::<T>().map(|(at, _)| at)).collect()
}

fn all<T: Wire>(from: &mut Reader<'_>, places: &[u32]) -> Option<Vec<T>> {
    places.iter().map(|at| from.record(*at)).collect()
}

fn check_sources(of: &mut Checker<'_>) -> Result<(), Fault> {
    for _ in 0..of.cursor.expect_count()? {
        Arc::<str>::check(of)?;
        let length = of.cursor.expect_count()?;
        let at = of.cursor.at();
        let text = std::str::from_utf8(of.cursor.expect_bytes(length)?);
        text.map_err(|_| Fault::new(at, "a text of the policy is not UTF-8"))?;
    }
    Ok(())
}

fn read_source<'a>(from: &mut Reader<'a>) -> Option<(Arc<str>, &'a str)> {
    let name = Wire::read(from)?;
    let length = usize::read(from)?;
    Some((name, std::str::from_utf8(from.take(length)?).ok()?))
}

/// Writes the content of an artifact.
#[cfg(feature = "compiler")]
pub(super) fn write(unit: &Unit, dispatch: &Arc<Dispatch>, fingerprint: &str, sources: &Sources) -> Vec<u8> {
    let Unit {
        catalog,
        slots,
        lets,
        tables,
        namespaces,
        claims,
        chains,
        statements,
        ensures,
        contracts,
        locals,
    } = unit.clone();
    let mut to = Writer::default();
    for count in [slots.len(), tables.len(), claims.len(), locals as usize, lets.len(), chains.len()] {
        to.count(count);
    }
    to.count(statements.len());
    to.records(&[Shared {
        catalog,
        slots,
        tables,
        namespaces,
        claims,
        contracts,
        dispatch: dispatch.clone(),
    }]);
    to.records(&lets);
    to.records(&chains);
    to.records(&statements);
    to.records(&[ensures]);
    to.count(sources.iter().count());
    for (_, source) in sources.iter() {
        Arc::<str>::from(source.name()).write(&mut to);
        to.count(source.text().len());
        to.out.extend_from_slice(source.text().as_bytes());
    }
    let mut content = Vec::new();
    put_number(&mut content, fingerprint.len() as u64);
    content.extend_from_slice(fingerprint.as_bytes());
    let mut body = pool::write(to, &mut content);
    content.append(&mut body);
    content
}
