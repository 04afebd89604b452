//! Independent pieces of work on several threads, with the results of one thread: in the order of the pieces, whoever
//! was first.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The stack of a thread: what main threads have, so that nothing nests deeper there than here.
const STACK: usize = 8 * 1024 * 1024;

/// The result of `work` for each of the items, in their order. The calling thread works too, and alone where no other can
/// be started. A panic in one of the threads is one here.
pub(crate) fn map<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let helpers = threads.min(items.len()).saturating_sub(1);
    if helpers == 0 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    // Whoever is free takes the next item: their sizes differ.
    let take = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take).ok();
        let helpers: Vec<_> = (0..helpers).map_while(start).collect();
        let mut done = take();
        for helper in helpers {
            match helper.join() {
                Ok(results) => done.extend(results),
                Err(panic) => resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Barrier, Mutex};

    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 2, 7, 1_000] {
            let doubled = map(threads, &items, |item| item * 2);
            assert_eq!(doubled, (0..100).map(|item| item * 2).collect::<Vec<_>>(), "{threads}");
        }
        // Two threads that wait for each other take turns.
        let both = Barrier::new(2);
        let results = map(2, &[0, 1, 2, 3], |item| {
            both.wait();
            *item
        });
        assert_eq!(results, [0, 1, 2, 3]);
    }

    #[test]
    fn as_many_threads_work_as_are_asked_for() {
        // Each piece waits for the others, so that one thread cannot do two of them.
        let (all, seen) = (Barrier::new(3), Mutex::new(BTreeSet::new()));
        map(3, &[(); 3], |()| {
            all.wait();
            seen.lock().unwrap().insert(format!("{:?}", thread::current().id()));
        });
        assert_eq!(seen.into_inner().unwrap().len(), 3);
    }

    #[test]
    fn a_panic_is_not_lost() {
        for culprit in 0..3 {
            let all = Barrier::new(3);
            let work = |item: &usize| {
                all.wait();
                assert!(*item != culprit, "piece {culprit}");
            };
            let caught = catch_unwind(AssertUnwindSafe(|| map(3, &[0, 1, 2], work)));
            let message = caught.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(*message, format!("piece {culprit}"));
        }
    }
}
