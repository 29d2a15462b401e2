//! When recipients are counted, and what is saved where they are not. The clock is held; the book is the process's.

use super::*;

const WRITTEN: &str = "+5511987654321";
/// What Meta knows it as.
const KNOWN: &str = "551187654321";

const A_SECOND: Duration = Duration::from_secs(1);

fn is_counted(pacer: &Pacer) -> bool {
    pacer.counts_pairs.load(Ordering::Relaxed)
}

/// Whether an acceptance that tells another name of the recipient makes a visit to the book.
async fn is_book_visited_by_acceptance(pacer: &Pacer) -> bool {
    tokio::time::advance(A_SECOND).await;
    pacer.accepted(WRITTEN, Some(KNOWN)).await;
    assert_eq!(pacer.aliases.key(WRITTEN), pacer.aliases.key(KNOWN), "the name is learned in any case");
    pacer.seen().at == Instant::now()
}

#[tokio::test(start_paused = true)]
async fn without_a_pair_limit_an_acceptance_costs_no_visit_to_the_book() {
    let pacer = pacer();
    pacer.slot(ask(WRITTEN)).await.unwrap();
    pacer.refused(Refusal::Pause(A_SECOND), Some(131_057)).await;
    pacer.refused(Refusal::Throughput(ask(WRITTEN).limits), Some(130_429)).await;
    assert!(!is_counted(&pacer));
    assert!(!is_book_visited_by_acceptance(&pacer).await);
}

#[tokio::test(start_paused = true)]
async fn with_a_pair_limit_they_are_counted_from_the_first_message_on() {
    let pacer = pacer();
    assert!(!is_counted(&pacer));
    let limits = Limits { per_second: 0.0, pair_per_second: 1.0 / 6.0 };
    pacer.slot(Ask { limits, ..ask(WRITTEN) }).await.unwrap();
    assert!(is_counted(&pacer));
    assert!(is_book_visited_by_acceptance(&pacer).await);
    assert!(!is_book_visited_by_acceptance(&pacer).await, "the second time its name is no news");
}

#[tokio::test(start_paused = true)]
async fn without_a_pair_limit_they_are_counted_once_one_was_refused() {
    let pacer = pacer();
    pacer.slot(ask(WRITTEN)).await.unwrap();
    pacer.refused(Refusal::Pair("+15550001234", None), Some(131_056)).await;
    assert!(is_counted(&pacer));
    assert!(is_book_visited_by_acceptance(&pacer).await);
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_somebody_else_wrote_down_counts_under_all_names() {
    let pacer = pacer();
    // Another process, with the same book, was refused.
    let ten_seconds = Some(Duration::from_secs(10));
    pacer
        .update(&[pacer.aliases.key(WRITTEN)], |state, entries, now_us| {
            for entry in entries {
                let mut pair = Pair::from(*entry);
                state.hold_pair(pair.refused(now_us, ten_seconds));
                *entry = pair.into();
            }
        })
        .await;
    assert!(!is_counted(&pacer));
    let begin = Instant::now();
    pacer.slot(ask("+15550001234")).await.unwrap();
    assert!(is_counted(&pacer));
    pacer.accepted(WRITTEN, Some(KNOWN)).await;
    pacer.slot(ask(KNOWN)).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 10);
}
