//! A whole request in JSON text.

use super::elements::Elements;
use super::{Found, JsonBuffer, JsonReader, JsonText, Piece, UNESCAPED, offset, tree};
use crate::catalog::Root;
use crate::input::texts::{Texts, Words};
use crate::input::{Asked, Attribute, Input, Original, Reading};
use crate::request::{Request, RequestError};
use crate::standard::{Grant, UserPresence, is_scope_token};
use crate::value::time::parse_timestamp;
use crate::value::{JsonLimits, Value};

/// A request in the form that [`Request::from_json`] documents, in text that a [`JsonReader`] has read: what is asked for,
/// and the attributes that the reader was made for.
#[derive(Debug, Clone, Copy)]
pub struct JsonTextRequest<'a> {
    grant: Grant,
    client: &'a str,
    audience: Range,
    scopes: Range,
    requested_audience: Option<Range>,
    requested_scopes: Option<Range>,
    original: Option<First>,
    now: Option<i64>,
    attributes: JsonText<'a>,
}

/// Some of the words in the buffer.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    start: u32,
    end: u32,
}

/// What a refresh or token exchange starts from.
#[derive(Debug, Clone, Copy)]
struct First {
    grant: Option<Grant>,
    audience: Option<Range>,
    scopes: Option<Range>,
}

/// What is asked for, but for the client.
struct Parts {
    grant: Grant,
    audience: Range,
    scopes: Range,
    requested_audience: Option<Range>,
    requested_scopes: Option<Range>,
    original: Option<First>,
    now: Option<i64>,
}

impl JsonReader {
    /// Reads a whole request of at most 16 MiB and 64 levels.
    ///
    /// # Errors
    /// As [`Request::from_json`].
    pub fn request<'a>(
        &'a self,
        text: &'a [u8],
        buffer: &'a mut JsonBuffer,
    ) -> Result<JsonTextRequest<'a>, RequestError> {
        let parts = self
            .read(text, tree::REQUEST, JsonLimits::default(), buffer)
            .and_then(|text| Some((text, parts(text, buffer)?)));
        let request = parts.and_then(|(text, parts)| {
            let attributes = JsonText { reader: self, text, buffer };
            attributes.check().ok()?;
            let client = match attributes.buffer.found(tree::CLIENT) {
                Found::Text(id) => id,
                _ => text_at(attributes.buffer, tree::CLIENT_ID)?,
            };
            let has_user = attributes.has(Root::User);
            match (parts.grant.user(), has_user) {
                (UserPresence::Never, true) | (UserPresence::Always, false) => return None,
                _ => {}
            }
            Some(JsonTextRequest {
                grant: parts.grant,
                client: Some(attributes.piece(client)).filter(|id| !id.is_empty())?,
                audience: parts.audience,
                scopes: parts.scopes,
                requested_audience: parts.requested_audience,
                requested_scopes: parts.requested_scopes,
                original: parts.original,
                now: parts.now,
                attributes,
            })
        });
        // Why it is refused is told by the reader whose word counts.
        request.ok_or_else(|| match Request::from_json(text) {
            Err(error) => error,
            Ok(_) => RequestError::new("the request is malformed"),
        })
    }
}

impl JsonTextRequest<'_> {
    /// What is asked for; the attributes are the [`Input`].
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            requested_audience: self.requested_audience.map(|range| self.texts(range)),
            requested_scopes: self.requested_scopes.map(|range| self.texts(range)),
            original: self.original.map(|first| Original {
                grant: first.grant,
                audience: first.audience.map(|range| self.texts(range)),
                scopes: first.scopes.map(|range| self.texts(range)),
            }),
            now: self.now,
            ..Asked::new(self.grant, self.client)
                .audience(self.texts(self.audience))
                .scopes(self.texts(self.scopes))
        }
    }

    fn texts(&self, range: Range) -> Texts<'_> {
        Texts::numbered(&self.attributes, range.start, range.end)
    }
}

impl Words for JsonText<'_> {
    fn word(&self, number: usize) -> Option<&str> {
        self.buffer.words.get(number).map(|word| self.piece(*word))
    }
}

impl Input for JsonTextRequest<'_> {
    fn has(&self, root: Root) -> bool {
        self.attributes.has(root)
    }

    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        self.attributes.read(attribute)
    }

    fn whole(&self, root: Root) -> Option<Value> {
        self.attributes.whole(root)
    }
}

fn text_at(buffer: &JsonBuffer, node: tree::NodeId) -> Option<Piece> {
    match buffer.found(node) {
        Found::Text(piece) => Some(piece),
        _ => None,
    }
}

/// What is asked for; `None` if it is malformed.
fn parts(text: &str, buffer: &mut JsonBuffer) -> Option<Parts> {
    let is_object_or_nothing = |found| matches!(found, Found::Object(_) | Found::Nothing);
    if !matches!(buffer.found(tree::REQUEST), Found::Object(_))
        || !is_object_or_nothing(buffer.found(tree::REQUESTED))
        || !is_object_or_nothing(buffer.found(tree::ORIGINAL))
    {
        return None;
    }
    let original = match buffer.found(tree::ORIGINAL) {
        Found::Object(_) => Some(First {
            grant: match buffer.found(tree::ORIGINAL_GRANT) {
                Found::Nothing => None,
                _ => Some(grant(text, buffer, tree::ORIGINAL_GRANT)?),
            },
            audience: words(text, buffer, tree::ORIGINAL_AUDIENCE, Are::Audiences).ok()?,
            scopes: words(text, buffer, tree::ORIGINAL_SCOPES, Are::Scopes).ok()?,
        }),
        _ => None,
    };
    Some(Parts {
        grant: grant(text, buffer, tree::GRANT)?,
        audience: words(text, buffer, tree::AUDIENCE, Are::Audiences).ok()?.unwrap_or_default(),
        scopes: words(text, buffer, tree::SCOPES, Are::Scopes).ok()?.unwrap_or_default(),
        requested_audience: words(text, buffer, tree::REQUESTED_AUDIENCE, Are::Audiences).ok()?,
        requested_scopes: words(text, buffer, tree::REQUESTED_SCOPES, Are::Scopes).ok()?,
        original,
        now: match buffer.found(tree::NOW) {
            Found::Nothing => None,
            Found::Int(seconds) => Some(seconds),
            Found::Text(piece) => Some(parse_timestamp(piece.of(text, &buffer.unescaped))?),
            // Negative zero is a whole number too.
            Found::Other(piece) => Some(piece.of(text, &buffer.unescaped).parse().ok()?),
            _ => return None,
        },
    })
}

fn grant(text: &str, buffer: &JsonBuffer, node: tree::NodeId) -> Option<Grant> {
    Grant::parse(text_at(buffer, node)?.of(text, &buffer.unescaped))
}

/// What words are.
#[derive(Clone, Copy, PartialEq)]
enum Are {
    /// Ids of audiences; a text is one.
    Audiences,
    /// Scopes; a text is any number of them with blanks between (RFC 6749 section 3.3).
    Scopes,
}

/// Words are there and malformed.
struct Malformed;

/// Words, each once.
fn words(
    text: &str,
    buffer: &mut JsonBuffer,
    node: tree::NodeId,
    are: Are,
) -> Result<Option<Range>, Malformed> {
    let found = buffer.found(node);
    let JsonBuffer { words, elements, unescaped, order, .. } = buffer;
    let start = words.len();
    match found {
        Found::Nothing => return Ok(None),
        Found::Text(piece) if are == Are::Scopes => split(piece, text, unescaped, words),
        Found::Text(piece) => words.push(piece),
        Found::List { start, count } => {
            for element in Elements::new(text, elements, start, count) {
                match element {
                    Found::Text(piece) => words.push(piece),
                    _ => return Err(Malformed),
                }
            }
        }
        _ => return Err(Malformed),
    }
    let is_fit = |word: &Piece| match are {
        Are::Audiences => !word.is_empty(),
        Are::Scopes => is_scope_token(word.of(text, unescaped)),
    };
    if !words.iter().skip(start).all(is_fit) {
        return Err(Malformed);
    }
    each_once(start, words, order, |word| word.of(text, unescaped));
    Ok(Some(Range { start: offset(start), end: offset(words.len()) }))
}

/// The scopes in a text.
fn split(piece: Piece, text: &str, unescaped: &str, words: &mut Vec<Piece>) {
    let (mut at, flag) = (piece.start & !UNESCAPED, piece.start & UNESCAPED);
    for word in piece.of(text, unescaped).split(' ') {
        let end = at + offset(word.len());
        if at < end {
            words.push(Piece { start: at | flag, end });
        }
        at = end + 1;
    }
}

/// How many words are compared with each other rather than sorted.
const FEW: usize = 16;

/// Takes out those from `start` on that stood before.
fn each_once<'t>(
    start: usize,
    words: &mut Vec<Piece>,
    order: &mut Vec<u32>,
    text: impl Fn(&Piece) -> &'t str,
) {
    let Some(new) = words.get_mut(start..) else {
        return;
    };
    if new.len() <= FEW {
        let mut kept = 0;
        for index in 0..new.len() {
            let Some(word) = new.get(index).copied() else { break };
            let is_new = !new.iter().take(kept).any(|before| text(before) == text(&word));
            if is_new && let Some(place) = new.get_mut(kept) {
                *place = word;
                kept += 1;
            }
        }
        words.truncate(start + kept);
        return;
    }
    order.clear();
    order.extend(0..offset(new.len()));
    let word = |index: u32| new.get(index as usize).map_or("", &text);
    order.sort_unstable_by(|a, b| word(*a).cmp(word(*b)).then(a.cmp(b)));
    // The first of equal words stays; the others become the empty word, which no word is.
    let mut last = None;
    for &index in &*order {
        let Some(word) = new.get_mut(index as usize) else { break };
        if last == Some(text(word)) {
            word.end = word.start & !UNESCAPED;
        } else {
            last = Some(text(word));
        }
    }
    let mut index = 0;
    words.retain(|word| {
        index += 1;
        index <= start || !word.is_empty()
    });
}
