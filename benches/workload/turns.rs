//! Measuring in turns: all contenders work one after the other, again and again, so that a busy neighbour slows all of
//! them. What is measured is the time that the processor works for the thread. Only ratios of one run mean something.

use std::hint::black_box;
use std::time::Duration;

use serde_json::Value;

/// How long one turn of a contender lasts about: short, so that many of them pass between two interruptions.
const TURN: Duration = Duration::from_millis(1);
/// Of how many turns those have one whose turns are long.
const SELDOM: usize = 4;

/// Somebody who answers numbered requests.
pub(crate) trait Contender {
    fn name(&self) -> &str;
    /// The claims of a request.
    fn claims(&mut self, request: usize) -> Value;
    /// The nanoseconds that a request takes while all of `order` are answered so many times.
    fn turn(&mut self, order: &[usize], repeats: usize) -> f64;
}

/// Where the answer to the last request lies.
pub(crate) trait Output {
    /// Whether answers are compared from now on, or only timed.
    fn compare(&mut self, _is_compared: bool) {}

    fn claims(&mut self) -> Value;
}

/// A contender made of an output and of what leaves an answer there.
pub(crate) struct Entry<O, F> {
    name: String,
    output: O,
    run: F,
}

/// A contender. `run` answers one request into the output.
pub(crate) fn entry<'a, O, F>(name: &str, output: O, run: F) -> Box<dyn Contender + 'a>
where
    O: Output + 'a,
    F: FnMut(&mut O, usize) + 'a,
{
    Box::new(Entry { name: name.to_owned(), output, run })
}

impl<O: Output, F: FnMut(&mut O, usize)> Contender for Entry<O, F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn claims(&mut self, request: usize) -> Value {
        self.output.compare(true);
        (self.run)(&mut self.output, request);
        let claims = self.output.claims();
        self.output.compare(false);
        claims
    }

    fn turn(&mut self, order: &[usize], repeats: usize) -> f64 {
        let start = worked();
        for _ in 0..repeats {
            for request in order {
                (self.run)(&mut self.output, black_box(*request));
                black_box(&mut self.output);
            }
        }
        (worked() - start) / count(repeats * order.len())
    }
}

/// The lower quartile of nanoseconds per request for each contender, over so many turns.
pub(crate) fn measure(contenders: &mut [Box<dyn Contender + '_>], order: &[usize], turns: usize) -> Vec<f64> {
    let plans: Vec<Plan> =
        contenders.iter_mut().map(|contender| Plan::of(contender.as_mut(), order)).collect();
    let mut times = vec![Vec::with_capacity(turns); contenders.len()];
    for turn in 0..turns {
        for ((contender, plan), times) in contenders.iter_mut().zip(&plans).zip(&mut times) {
            if turn % plan.every == 0 {
                times.push(contender.turn(&order[..plan.requests], plan.repeats));
            }
        }
    }
    times.into_iter().map(lower_quartile).collect()
}

/// What a contender does in its turns.
struct Plan {
    /// How many requests it answers, and how often.
    requests: usize,
    repeats: usize,
    every: usize,
}

impl Plan {
    /// Whoever is very slow gets the first few requests only, and fewer turns.
    fn of(contender: &mut dyn Contender, order: &[usize]) -> Self {
        // The very first answer may have to make things that stay.
        let one = (0..2).map(|_| contender.turn(&order[..1], 1)).fold(f64::INFINITY, f64::min);
        if one > nanos(TURN) {
            return Plan { requests: order.len().min(4), repeats: 1, every: SELDOM };
        }
        // The first passes fill caches; what they take says nothing about the others.
        let pass = (0..4).map(|_| contender.turn(order, 1)).fold(f64::INFINITY, f64::min);
        let turns = nanos(TURN) / (pass * count(order.len()));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        let repeats = (turns as usize).max(1);
        Plan { requests: order.len(), repeats, every: if turns < 0.1 { SELDOM } else { 1 } }
    }
}

pub(crate) fn lower_quartile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 4]
}

/// Panics unless all contenders give what the first one gives.
pub(crate) fn agree(contenders: &mut [Box<dyn Contender + '_>], requests: usize) {
    let (first, others) = contenders.split_first_mut().expect("somebody takes part");
    for request in 0..requests {
        let wanted = first.claims(request);
        for other in &mut *others {
            let given = other.claims(request);
            assert_eq!(given, wanted, "{} and {} for request {request}", other.name(), first.name());
        }
    }
}

/// Nanoseconds with three digits or so.
pub(crate) fn shown(nanos: f64) -> String {
    match nanos {
        0.0..10_000.0 => format!("{nanos:.0} ns"),
        10_000.0..10_000_000.0 => format!("{:.1} us", nanos / 1e3),
        _ => format!("{:.1} ms", nanos / 1e6),
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// For how many nanoseconds the processor has worked for this thread.
#[cfg(unix)]
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
fn worked() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// For how many nanoseconds this program runs, where threads have no clock of their own.
#[cfg(not(unix))]
fn worked() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    nanos(START.elapsed())
}

fn nanos(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}
