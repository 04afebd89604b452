//! Units for the tests of whoever reads them.

use std::sync::Arc;

use crate::ir::Unit;
use crate::source::Sources;
use crate::{catalog, lower, syntax};

/// The unit of a policy without mistakes of its own. The checks are not asked.
pub(crate) fn unit(catalog: &str, policy: &str) -> Unit {
    let mut sources = Sources::new();
    let (catalog, of_catalog) = catalog::read(sources.add("claims.yaml", catalog), catalog);
    let file = sources.add("policy.claims", policy);
    let parsed = syntax::parse(file, policy);
    let (unit, found) = lower::lower(&[parsed.file], &sources, &Arc::new(catalog));
    let all = of_catalog.iter().chain(&parsed.findings).chain(found.iter());
    // Whether what is promised holds is for others to say.
    let messages: Vec<_> =
        all.filter(|one| !one.code.code.starts_with("C06")).map(|one| &one.message).collect();
    assert!(messages.is_empty(), "{messages:#?}\n{policy}");
    unit
}
