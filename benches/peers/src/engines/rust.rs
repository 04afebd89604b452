//! The workload by hand, see `workload/hand`.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::workload::Workload;
use crate::workload::hand::person::Typed;
use crate::workload::hand::sink::{ToBytes, ToMap};
use crate::workload::hand::{Facets, Hand};

/// From a typed struct to a map.
pub(crate) struct RustMap(Hand);

/// From a typed struct to bytes.
pub(crate) struct RustBytes(Hand);

fn facets(request: &Typed) -> Facets<'_, &[String]> {
    Facets { audience: &request.audience, client: &request.client, granted: &request.scopes }
}

impl Engine for RustMap {
    type Source = Workload;
    type Input = Typed;
    type Output = ToMap;

    fn source(workload: &Workload) -> Workload {
        workload.clone()
    }

    fn load(workload: &Workload) -> Result<Self, String> {
        Ok(RustMap(Hand::new(workload)))
    }

    fn input(&self, request: &Rc<Value>) -> Typed {
        Typed::of(request).expect("a whole request")
    }

    fn run(&self, request: &Typed, output: &mut ToMap) {
        output.0 = Map::new();
        self.0.run(facets(request), &request.user, output);
    }

    fn text<'a>(&self, output: &'a ToMap) -> Cow<'a, [u8]> {
        serde_json::to_vec(&output.0).expect("a map is JSON").into()
    }
}

impl Engine for RustBytes {
    type Source = Workload;
    type Input = Typed;
    type Output = ToBytes;

    fn source(workload: &Workload) -> Workload {
        workload.clone()
    }

    fn load(workload: &Workload) -> Result<Self, String> {
        Ok(RustBytes(Hand::new(workload)))
    }

    fn input(&self, request: &Rc<Value>) -> Typed {
        Typed::of(request).expect("a whole request")
    }

    fn run(&self, request: &Typed, output: &mut ToBytes) {
        output.start();
        self.0.run(facets(request), &request.user, output);
        output.finish();
    }

    fn text<'a>(&self, output: &'a ToBytes) -> Cow<'a, [u8]> {
        output.bytes().into()
    }
}
