//! A policy in its bytes: checked as a whole when it is loaded, decoded where it is wanted.

use std::fmt;
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
pub(crate) struct Packed {
    /// Everything but the signature.
    bytes: Vec<u8>,
    fingerprint: Arc<str>,
    pool: Pool,
    index: Index,
    whole: OnceLock<Unit>,
}

/// What all statements share, and where each record stands.
struct Index {
    shared: Shared,
    locals: u32,
    lets: Vec<u32>,
    chains: Vec<u32>,
    statements: Vec<u32>,
    ensures: u32,
    sources: usize,
}

impl Packed {
    /// Checks the content of an artifact and reads what all statements share.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, LoadError> {
        let mut cursor = Cursor::new(&bytes, CONTENT);
        let (fingerprint, pool) = head(&mut cursor).map_err(|fault| fault.at(cursor.at()))?;
        let mut checker = Checker::new(cursor, &pool);
        let index = Index::of(&mut checker, &bytes).map_err(|fault| fault.at(checker.cursor.at()))?;
        Ok(Packed { fingerprint, index, whole: OnceLock::new(), pool, bytes })
    }

    pub(super) fn fingerprint(&self) -> &Arc<str> {
        &self.fingerprint
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.index.shared
    }

    pub(super) fn statements(&self) -> usize {
        self.index.statements.len()
    }

    /// The whole policy, decoded the first time.
    pub(super) fn unit(&self) -> &Unit {
        self.whole.get_or_init(|| self.read_unit().unwrap_or_else(|| self.closed()))
    }

    fn read_unit(&self) -> Option<Unit> {
        let mut reader = Reader::new(&self.bytes, &self.pool);
        let mut unit = self.empty();
        unit.lets = all(&mut reader, &self.index.lets)?;
        unit.chains = all(&mut reader, &self.index.chains)?;
        unit.statements = all(&mut reader, &self.index.statements)?;
        unit.ensures = reader.record(self.index.ensures)?;
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
        for at in statements.iter().filter_map(|index| self.index.statements.get(*index)) {
            unit.statements.push(reader.record(*at)?);
        }
        let next = |reader: &Reader<'_>, of: fn(&Chosen) -> &Numbering, done: usize| {
            of(reader.chosen.as_ref()?).old.get(done).copied()
        };
        while let Some(old) = next(&reader, |chosen| &chosen.chains, unit.chains.len()) {
            unit.chains.push(reader.record(*self.index.chains.get(old as usize)?)?);
        }
        while let Some(old) = next(&reader, |chosen| &chosen.lets, unit.lets.len()) {
            unit.lets.push(reader.record(*self.index.lets.get(old as usize)?)?);
        }
        Some(unit)
    }

    /// The policy's texts.
    pub(super) fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        let mut reader = Reader::new(&self.bytes, &self.pool);
        reader.go_to(self.index.sources);
        for _ in 0..usize::read(&mut reader).unwrap_or_default() {
            let Some((name, text)) = read_source(&mut reader) else { break };
            sources.add(&name, text);
        }
        sources
    }

    /// What all statements share, without any.
    fn empty(&self) -> Unit {
        let Shared { catalog, slots, tables, namespaces, claims, contracts, .. } = &self.index.shared;
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
            locals: self.index.locals,
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

/// Not the bytes.
impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({}, {} statements)", self.fingerprint, self.statements())
    }
}

/// The fingerprint and the pool.
fn head(cursor: &mut Cursor<'_>) -> Result<(Arc<str>, Pool), Fault> {
    let length = cursor.expect_count()?;
    let fingerprint = std::str::from_utf8(cursor.expect_bytes(length)?).map_err(|_| Fault::Utf8)?;
    Ok((fingerprint.into(), Pool::open(cursor)?))
}

impl Index {
    /// Checks everything behind the pool.
    fn of(of: &mut Checker<'_>, bytes: &[u8]) -> Result<Self, Fault> {
        of.sizes = sizes(of)?;
        let (at, _) = of.record::<Shared>()?;
        let shared = Reader::new(bytes, of.pool).record(at).ok_or(Fault::Unreadable)?;
        check_sizes(of, &shared)?;
        let mut lets = Vec::with_capacity(of.sizes.lets as usize);
        for _ in 0..of.sizes.lets {
            let (at, depth) = of.record::<Let>()?;
            if depth > MAX_LET {
                return Err(Fault::Lets);
            }
            of.lets.push(depth);
            lets.push(at);
        }
        let Sizes { chains, statements, locals, .. } = of.sizes;
        let chains = records::<Chain>(of, chains)?;
        let statements = records::<Statement>(of, statements)?;
        let (ensures, _) = of.record::<Vec<Ensure>>()?;
        let sources = of.cursor.at();
        check_sources(of)?;
        if of.cursor.left() > 0 {
            return Err(Fault::Rest);
        }
        Ok(Index { shared, locals, lets, chains, statements, ensures, sources })
    }
}

/// How many there are of everything that is referred to by number.
fn sizes(of: &mut Checker<'_>) -> Result<Sizes, Fault> {
    let mut next = || u32::try_from(of.cursor.expect_count()?).map_err(|_| Fault::TooLarge);
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
        return Err(Fault::Announced);
    }
    if dispatch.positions().any(|position| position >= of.sizes.statements as usize) {
        return Err(Fault::Statement);
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
        let text = std::str::from_utf8(of.cursor.expect_bytes(length)?);
        text.map_err(|_| Fault::Utf8)?;
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
