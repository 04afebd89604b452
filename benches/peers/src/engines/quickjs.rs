//! The small engine of JavaScript, by rquickjs.

use std::borrow::Cow;
use std::rc::Rc;

use rquickjs::{Context, Ctx, Function, Object, Persistent, Runtime, Value as JsValue};
use serde_json::Value;

use super::javascript::{indexed_script, script};
use crate::engine::Engine;
use crate::workload::Workload;

/// A function of a script. Fields are dropped in this order.
struct Script {
    decide: Persistent<Function<'static>>,
    context: Context,
}

/// All rules in one function.
pub(crate) struct QuickJs(Script);

/// A function for each audience and client.
pub(crate) struct QuickJsIndex(Script);

type Kept = Persistent<JsValue<'static>>;

impl Script {
    fn load(text: &str) -> Result<Self, String> {
        let runtime = Runtime::new().map_err(|error| error.to_string())?;
        let context = Context::full(&runtime).map_err(|error| error.to_string())?;
        let decide = context.with(|ctx: Ctx<'_>| {
            let decide: Function<'_> = ctx.eval(text).map_err(|error| error.to_string())?;
            Ok::<_, String>(Persistent::save(&ctx, decide))
        })?;
        Ok(Script { decide, context })
    }

    fn input(&self, request: &Rc<Value>) -> Kept {
        let text = serde_json::to_vec(request).expect("it is JSON");
        self.context.with(|ctx| Persistent::save(&ctx, ctx.json_parse(text).expect("it is JSON")))
    }

    fn run(&self, input: &Kept) -> Kept {
        self.context.with(|ctx| {
            let decide = self.decide.clone().restore(&ctx).expect("of this runtime");
            let input = input.clone().restore(&ctx).expect("of this runtime");
            let claims: Object<'_> = decide.call((input,)).expect("claims");
            Persistent::save(&ctx, claims.into_value())
        })
    }

    fn text(&self, output: &Kept) -> Vec<u8> {
        self.context.with(|ctx| {
            let claims = output.clone().restore(&ctx).expect("of this runtime");
            let text = ctx.json_stringify(claims).expect("it is JSON").expect("an object");
            text.to_string().expect("UTF-8").into_bytes()
        })
    }
}

macro_rules! engine {
    ($engine:ident, $source:expr) => {
        impl Engine for $engine {
            type Source = String;
            type Input = Kept;
            type Output = Option<Kept>;

            fn source(workload: &Workload) -> String {
                $source(workload)
            }

            fn load(source: &String) -> Result<Self, String> {
                Script::load(source).map($engine)
            }

            fn input(&self, request: &Rc<Value>) -> Kept {
                self.0.input(request)
            }

            fn run(&self, input: &Kept, output: &mut Option<Kept>) {
                *output = Some(self.0.run(input));
            }

            fn text<'a>(&self, output: &'a Option<Kept>) -> Cow<'a, [u8]> {
                self.0.text(output.as_ref().expect("a request was answered")).into()
            }
        }
    };
}

engine!(QuickJs, script);
engine!(QuickJsIndex, indexed_script);
