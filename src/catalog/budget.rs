//! What proofs may cost, in counts, so that answers are the same on every machine.

use std::fmt;

macro_rules! budget {
    ($($(#[doc = $doc:literal])+ $field:ident: $ty:ident = $usual:literal, $cost:ident, $name:literal;)+) => {
        /// Work that proofs count.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cost {
            $($(#[doc = $doc])+ $cost,)+
        }

        impl Cost {
            /// Every kind of work.
            pub const ALL: &[Cost] = &[$(Cost::$cost),+];

            /// Its name in claims.yaml and on the command line.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Cost::$cost => $name,)+
                }
            }
        }

        /// What may be spent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Budget {
            $($(#[doc = $doc])+ pub $field: $ty,)+
        }

        impl Default for Budget {
            fn default() -> Self {
                Budget { $($field: $usual,)+ }
            }
        }

        impl Budget {
            /// What may be spent on one kind of work.
            pub fn of(&self, cost: Cost) -> u64 {
                match cost {
                    $(Cost::$cost => u64::try_from(self.$field).unwrap_or(u64::MAX),)+
                }
            }

            /// Sets what may be spent on one kind of work.
            pub fn set(&mut self, cost: Cost, count: u64) {
                match cost {
                    $(Cost::$cost => self.$field = $ty::try_from(count).unwrap_or($ty::MAX),)+
                }
            }
        }
    };
}

budget! {
    /// Proposals of the solver that may be refuted for one question.
    proposals: u32 = 2_000, Proposals, "proposals";
    /// States of automata that may be visited for one text.
    states: usize = 20_000, States, "states";
    /// Requests that may be tried for one question.
    requests: u32 = 8, Requests, "requests";
    /// Requests like those that may be tried in their place, where none of them shows what is asked for.
    variations: usize = 200, Variations, "variations";
    /// Recipients that are asked about one by one where the answer for all together is open.
    recipients: usize = 12, Recipients, "recipients";
    /// Questions about which writes meet in the largest token, for one limit of its size.
    sizes: u32 = 500, Sizes, "sizes";
    /// Evaluations that may be spent on making one request smaller. What exceeds it is not undecided, only longer.
    shrinking: usize = 400, Shrinking, "shrinking";
}

impl Cost {
    /// The kind of work of a name.
    pub fn parse(name: &str) -> Option<Cost> {
        Cost::ALL.iter().copied().find(|cost| cost.as_str() == name)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
