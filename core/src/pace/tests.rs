mod counting;

use super::*;
use crate::store::LocalStore;

fn pacer() -> Arc<Pacer> {
    Arc::new(Pacer::new("origin/1", &Store::Local(LocalStore::Memory)))
}

fn ask(recipient: &str) -> Ask<'_> {
    let limits = Limits { per_second: 80.0, pair_per_second: 0.0 };
    Ask { limits, priority: Priority::Normal, recipient, deadline: None, turn: None }
}

#[tokio::test(start_paused = true)]
async fn messages_leave_at_the_rate() {
    let pacer = pacer();
    let begin = Instant::now();
    let all = (0..2000).map(|_| {
        let pacer = pacer.clone();
        async move { pacer.slot(ask("+15550001234")).await.map(|_| begin.elapsed()) }
    });
    let times: Vec<Duration> = futures_util::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
    let last = times.iter().max().unwrap().as_secs_f64();
    let ideal = 1999.0 / 80.0;
    assert!(last >= ideal && last <= ideal / 0.96, "{last} s for {ideal} s");
}

#[tokio::test(start_paused = true)]
async fn an_urgent_message_overtakes() {
    let pacer = pacer();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for n in 0..100 {
        let (pacer, order) = (pacer.clone(), order.clone());
        tasks.push(tokio::spawn(async move {
            pacer.slot(ask("+15550001234")).await.unwrap();
            order.lock().unwrap().push(n);
        }));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = order.lock().unwrap().len();
    pacer.slot(Ask { priority: Priority::Urgent, ..ask("+15550001234") }).await.unwrap();
    let after = order.lock().unwrap().len();
    assert!(before > 10 && after <= before + 2, "{before} then {after}");
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_strands_nothing() {
    let pacer = pacer();
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let pacer = pacer.clone();
            tokio::spawn(async move { pacer.slot(ask("+15550001234")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    futures_util::future::join_all(waiting).await;
    let begin = Instant::now();
    pacer.slot(ask("+15550001234")).await.unwrap();
    assert!(begin.elapsed() < Duration::from_millis(30), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_stands_behind_those_who_go_away_is_served() {
    let pacer = pacer();
    let join = |pacer: Arc<Pacer>| tokio::spawn(async move { pacer.slot(ask("+15550001234")).await });
    let leaving: Vec<_> = (0..50).map(|_| join(pacer.clone())).collect();
    let staying = join(pacer.clone());
    tokio::time::sleep(Duration::from_millis(20)).await;
    leaving.iter().for_each(tokio::task::JoinHandle::abort);
    tokio::time::timeout(Duration::from_secs(5), staying).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_kept() {
    let pacer = pacer();
    let slow = Ask { limits: Limits { per_second: 0.1, pair_per_second: 0.0 }, ..ask("+1") };
    pacer.slot(slow).await.unwrap();
    let begin = Instant::now();
    let deadline = Some(begin + Duration::from_secs(2));
    assert!(pacer.slot(Ask { deadline, ..slow }).await.is_err());
    assert_eq!(begin.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_is_held_back_for_longer_than_it_waits_learns_it_at_once() {
    let pacer = pacer();
    let join = |seconds: Option<u64>| {
        let (pacer, begin) = (pacer.clone(), Instant::now());
        let deadline = seconds.map(|seconds| begin + Duration::from_secs(seconds));
        tokio::spawn(async move { (pacer.slot(Ask { deadline, ..ask("+1") }).await, begin.elapsed()) })
    };
    // Who waits already when the number is held back, and who comes then.
    let before: Vec<_> = (0..100).map(|_| join(Some(59))).collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    pacer.refused(Refusal::Pause(Duration::from_secs(60)), None).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let after = [join(Some(58)), join(Some(60)), join(None)];
    let mut refused = 0;
    for waiting in before {
        let (slot, waited) = waiting.await.unwrap();
        assert!(waited < Duration::from_millis(5), "{waited:?}");
        refused += usize::from(slot.is_err_and(|late| late.retry_after == Some(Duration::from_secs(60))));
    }
    // One had its slot. Those that were reserved for the others are not used.
    assert_eq!(refused, 99);
    let [late, patient, without_end] = after;
    let (slot, waited) = late.await.unwrap();
    assert_eq!((slot.unwrap_err().retry_after, waited), (Some(Duration::from_secs(59)), Duration::ZERO));
    for waiting in [patient, without_end] {
        let (slot, waited) = waiting.await.unwrap();
        assert!(slot.is_ok() && waited.as_secs() == 59, "{slot:?} {waited:?}");
    }
    let (slot, waited) = join(Some(1)).await.unwrap();
    assert!(slot.is_ok() && waited < Duration::from_millis(50), "when the hold is over nobody is refused for it");
}

#[tokio::test(start_paused = true)]
async fn a_hold_of_another_process_is_told_as_soon_as_the_book_is_asked() {
    let pacer = pacer();
    // As if somebody else had written it: the queue does not know of it.
    pacer.change(|state, now_us| state.hold(now_us, Duration::from_secs(60))).await;
    let begin = Instant::now();
    let deadline = Some(begin + Duration::from_secs(59));
    for _ in 0..3 {
        assert!(pacer.slot(Ask { deadline, ..ask("+1") }).await.is_err());
        assert_eq!(begin.elapsed(), Duration::ZERO);
    }
    pacer.slot(ask("+1")).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn who_was_cleared_before_a_hold_goes_after_it_and_counts_once() {
    let pacer = pacer();
    let limits = Limits { per_second: 80.0, pair_per_second: 1.0 / 6.0 };
    let join = |deadline: Option<Instant>| {
        let (pacer, begin) = (pacer.clone(), Instant::now());
        let ask = Ask { limits, deadline, ..ask("+1") };
        tokio::spawn(async move { pacer.slot(ask).await.map(|_| begin.elapsed()) })
    };
    let hasty: Vec<_> = (0..20).map(|_| join(Some(Instant::now() + Duration::from_secs(30)))).collect();
    let patient: Vec<_> = (0..20).map(|_| join(None)).collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    pacer.refused(Refusal::Pause(Duration::from_secs(60)), None).await;
    let refused =
        futures_util::future::join_all(hasty).await.into_iter().filter(|hasty| hasty.as_ref().unwrap().is_err());
    assert_eq!(refused.count(), 19);
    for waiting in patient {
        assert_eq!(waiting.await.unwrap().unwrap().as_secs(), 60);
    }
    // 21 of the burst of 45 are used (the first is long paid for), and no more: who was cleared and refused gave back.
    let begin = Instant::now();
    for _ in 0..25 {
        pacer.slot(Ask { limits, ..ask("+1") }).await.unwrap();
    }
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_needs_another_slot_stands_where_it_stood() {
    let pacer = pacer();
    let turn = pacer.slot(ask("+1")).await.unwrap();
    assert!(turn.is_some());
    let waiting: Vec<_> = (0..500)
        .map(|_| {
            let pacer = pacer.clone();
            tokio::spawn(async move { pacer.slot(ask("+1")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begin = Instant::now();
    assert_eq!(pacer.slot(Ask { turn, ..ask("+1") }).await.unwrap(), turn);
    let slot = Duration::from_secs_f64(1.0 / 77.6);
    assert!(begin.elapsed() <= slot * 2, "{:?} behind 500", begin.elapsed());
    assert!(waiting.iter().filter(|waiting| waiting.is_finished()).count() < 20);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn another_slot_is_one_of_the_number_and_of_the_recipient() {
    let pacer = pacer();
    let limits = Limits { per_second: 20.0, pair_per_second: 1.0 / 6.0 };
    let begin = Instant::now();
    let mut turn = None;
    for _ in 0..45 {
        turn = pacer.slot(Ask { limits, turn, ..ask("+1") }).await.unwrap();
    }
    let ideal = 44.0 / 20.0;
    assert!((ideal..ideal / 0.9).contains(&begin.elapsed().as_secs_f64()), "{:?}", begin.elapsed());
    pacer.slot(Ask { limits, turn, ..ask("+1") }).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(6), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pair_refusal_holds_back_one_recipient() {
    let pacer = pacer();
    let begin = Instant::now();
    pacer.refused(Refusal::Pair("+15550001234", None), Some(131_056)).await;
    pacer.slot(ask("+15550009999")).await.unwrap();
    assert!(begin.elapsed() < Duration::from_millis(20));
    pacer.slot(ask("+15550001234")).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 1);
    pacer.refused(Refusal::Pair("+15550001234", None), Some(131_056)).await;
    pacer.slot(ask("+15550001234")).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 5, "4 s after the second refusal in a row");
}

#[tokio::test(start_paused = true)]
async fn an_accepted_message_ends_a_row_of_refusals() {
    let pacer = pacer();
    for seconds in [1, 4] {
        let begin = Instant::now();
        pacer.refused(Refusal::Pair("+15550001234", None), Some(131_056)).await;
        pacer.slot(ask("+15550001234")).await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), seconds);
    }
    pacer.accepted("+15550001234", Some("15550001234")).await;
    let begin = Instant::now();
    pacer.refused(Refusal::Pair("+15550001234", None), Some(131_056)).await;
    pacer.slot(ask("+15550001234")).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_only_holds_count() {
    let pacer = pacer();
    let begin = Instant::now();
    let free = Ask { limits: Limits { per_second: 0.0, pair_per_second: 0.0 }, ..ask("+1") };
    for _ in 0..10_000 {
        pacer.slot(free).await.unwrap();
    }
    assert!(begin.elapsed() < Duration::from_millis(5));
    pacer.refused(Refusal::Pause(Duration::from_secs(1)), None).await;
    pacer.slot(free).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

/// What the sandbox and Meta's page say about one recipient, counted when messages arrive.
#[derive(Default)]
struct StrictServer {
    paid_until: std::collections::HashMap<String, Duration>,
    arrived: std::collections::VecDeque<Duration>,
    refused: usize,
}

impl StrictServer {
    fn arrive(&mut self, at: Duration, recipient: &str) {
        let paid = self.paid_until.get(recipient).copied().unwrap_or(at).max(at);
        if paid - at > Duration::from_secs(6 * 44) {
            self.refused += 1;
        }
        self.paid_until.insert(recipient.to_owned(), paid + Duration::from_secs(6));
        self.arrived.push_back(at);
    }
}

/// Sends to each of `recipients` and returns when each was served, in their order.
async fn send_all(recipients: &[String], pair_per_second: f64) -> Vec<Duration> {
    let pacer = pacer();
    let begin = Instant::now();
    let limits = Limits { per_second: 80.0, pair_per_second };
    let all = recipients.iter().map(|recipient| {
        let pacer = pacer.clone();
        async move {
            pacer.slot(Ask { limits, ..ask(recipient) }).await.unwrap();
            begin.elapsed()
        }
    });
    futures_util::future::join_all(all).await
}

#[tokio::test(start_paused = true)]
async fn a_recipient_who_gets_many_holds_up_nobody_else() {
    let one = "+15550001234".to_owned();
    let others = |count: usize| (0..count).map(|n| format!("+1212{n:07}"));
    // One in 50 goes to the same person.
    let mixed: Vec<String> = others(5_000)
        .enumerate()
        .flat_map(|(n, other)| if n % 50 == 0 { vec![one.clone(), other] } else { vec![other] })
        .collect();
    let times = send_all(&mixed, 1.0 / 6.0).await;
    let alone = send_all(&others(5_000).collect::<Vec<_>>(), 1.0 / 6.0).await;
    let mut server = StrictServer::default();
    let mut arrivals: Vec<(Duration, &String)> = times.iter().copied().zip(&mixed).collect();
    arrivals.sort();
    arrivals.iter().for_each(|(at, to)| server.arrive(*at, to));
    assert_eq!(server.refused, 0);
    let last_other = arrivals.iter().rfind(|(_, to)| **to != one).unwrap().0.as_secs_f64();
    // Those who went to the one before the others were done took a slot each.
    let sooner = arrivals.iter().filter(|(at, to)| **to == one && at.as_secs_f64() < last_other).count();
    let ideal = alone.iter().max().unwrap().as_secs_f64() + sooner as f64 / 77.6;
    assert!(last_other <= ideal * 1.02, "{last_other} s instead of {ideal} s");
    let last = arrivals.last().unwrap().0.as_secs_f64();
    assert!((330.0..360.0).contains(&last), "{last}");
}

#[tokio::test(start_paused = true)]
async fn who_would_be_parked_for_too_long_learns_it_at_once() {
    let pacer = pacer();
    let limits = Limits { per_second: 0.0, pair_per_second: 1.0 / 6.0 };
    let patient = Ask { limits, ..ask("+15550001234") };
    for _ in 0..45 {
        pacer.slot(patient).await.unwrap();
    }
    let begin = Instant::now();
    let late = pacer.slot(Ask { deadline: Some(begin + Duration::from_secs(5)), ..patient }).await.unwrap_err();
    assert!(late.cause.contains("for another 7 s") && begin.elapsed() < Duration::from_secs(1), "{}", late.cause);
    assert_eq!(late.retry_after, Some(Duration::from_secs(7)));
    pacer.slot(Ask { deadline: Some(begin + Duration::from_secs(7)), ..patient }).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_vain_learns_for_how_long_the_number_is_held() {
    let pacer = pacer();
    let soon = || Instant::now() + Duration::from_secs(2);
    pacer.refused(Refusal::Pause(Duration::from_secs(60)), Some(131_057)).await;
    let late = pacer.slot(Ask { deadline: Some(soon()), ..ask("+1") }).await.unwrap_err();
    assert!(late.cause.ends_with("Meta holds the number back for another 60 s"), "{}", late.cause);
    assert_eq!(late.retry_after, Some(Duration::from_secs(60)));
    // A queue that is too long is another matter: nobody knows who else comes.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let many: Vec<_> = (0..500)
        .map(|_| {
            let pacer = pacer.clone();
            tokio::spawn(async move { pacer.slot(ask("+1")).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let late = pacer.slot(Ask { deadline: Some(soon()), ..ask("+1") }).await.unwrap_err();
    assert_eq!((late.cause.as_str(), late.retry_after), ("the rate limit left no slot within max_wait", None));
    many.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn names_of_one_person_count_as_one() {
    let pacer = pacer();
    let limits = Limits { per_second: 0.0, pair_per_second: 1.0 / 6.0 };
    let begin = Instant::now();
    for n in 0..45 {
        let to = if n % 2 == 0 { "+5511987654321" } else { "+551187654321" };
        pacer.slot(Ask { limits, ..ask(to) }).await.unwrap();
        pacer.accepted(to, Some("551187654321")).await;
    }
    assert!(begin.elapsed() < Duration::from_secs(1));
    pacer.slot(Ask { limits, ..ask("+5511987654321") }).await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(6));
}

#[tokio::test(start_paused = true)]
async fn an_urgent_message_overtakes_ten_thousand() {
    let pacer = pacer();
    let limits = Limits { per_second: 80.0, pair_per_second: 1.0 / 6.0 };
    let waiting: Vec<_> = (0..10_000)
        .map(|n| {
            let (pacer, to) = (pacer.clone(), format!("+1212{n:07}"));
            tokio::spawn(async move { pacer.slot(Ask { limits, priority: Priority::Low, ..ask(&to) }).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let begin = Instant::now();
    pacer.slot(Ask { limits, priority: Priority::Urgent, ..ask("+15550001234") }).await.unwrap();
    let slot = Duration::from_secs_f64(1.0 / 77.6);
    assert!(begin.elapsed() <= slot * 2, "{:?}", begin.elapsed());
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn what_is_going_on_is_told() {
    let pacer = pacer();
    let limits = Limits { per_second: 80.0, pair_per_second: 1.0 / 6.0 };
    pacer.slot(ask("+1")).await.unwrap();
    pacer.refused(Refusal::Throughput(limits), Some(130_429)).await;
    pacer.refused(Refusal::Pause(Duration::from_secs(5)), Some(131_057)).await;
    let waiting = {
        let pacer = pacer.clone();
        tokio::spawn(async move { pacer.slot(ask("+2")).await })
    };
    tokio::time::sleep(Duration::from_secs(1)).await;
    let report = pacer.report(limits, None);
    assert_eq!((report.store.as_str(), report.rate, report.waiting, report.parked), ("process", 80.0, 1, 0));
    assert!((62.0..70.0).contains(&report.current_rate), "{}", report.current_rate);
    assert_eq!((report.held_back_ms, report.refused), (4_000, 1));
    assert_eq!((report.last_refused_ms, report.last_code), (Some(1_000), Some(131_057)));
    waiting.abort();
}

/// CPU time of this thread so far, in microseconds. The runtime of a test has no other.
fn cpu_us() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

const MESSAGES: usize = 4_000;
const A_SECOND: f64 = 1_000.0;

/// What a message costs in CPU time, in microseconds: 1,000 a second for four seconds, each to somebody else.
async fn cost(store: &Store, pair_per_second: f64) -> f64 {
    // A new book each time: what somebody did before costs to read.
    let pacer = Arc::new(Pacer::new(&format!("bench/{:016x}", rand::random::<u64>()), store));
    let limits = Limits { per_second: A_SECOND, pair_per_second };
    let recipients: Vec<String> = (0..MESSAGES).map(|n| format!("+1212{n:07}")).collect();
    let before = cpu_us();
    let mut waiting = futures_util::stream::FuturesUnordered::new();
    for recipient in &recipients {
        // A window of 256, as a bulk has.
        if waiting.len() == 256 {
            futures_util::StreamExt::next(&mut waiting).await;
        }
        waiting.push(pacer.slot(Ask { limits, priority: Priority::Low, ..ask(recipient) }));
    }
    while futures_util::StreamExt::next(&mut waiting).await.is_some() {}
    (cpu_us() - before) / MESSAGES as f64
}

/// What waking up costs as often as the pace does, which has nothing to wait for but its clock. A program that sends is woken
/// up more often than that, by its sockets.
async fn waking_up() -> f64 {
    let before = cpu_us();
    let begin = Instant::now();
    for n in 0..MESSAGES / 4 {
        tokio::time::sleep_until(begin + Duration::from_millis(4 * n as u64)).await;
    }
    (cpu_us() - before) / MESSAGES as f64
}

#[test]
#[ignore = "a timing: `make bench` runs it, optimised"]
fn the_limiter_costs_little() {
    // Where the default keeps it, too: in memory.
    let shm = std::path::PathBuf::from("/dev/shm");
    let parent = if shm.is_dir() { shm } else { std::env::temp_dir() };
    let directory = parent.join(format!("wacloud-bench-{:016x}", rand::random::<u64>()));
    let host = Store::Local(LocalStore::host(Some(directory.clone())));
    let memory = Store::Local(LocalStore::Memory);
    let runtime = |is_held: bool| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(is_held).build().unwrap()
    };
    for (name, store, pair) in [
        ("process, no pair limit", &memory, 0.0),
        ("process", &memory, 1.0 / 6.0),
        ("host, no pair limit", &host, 0.0),
        ("host", &host, 1.0 / 6.0),
    ] {
        // With a held clock nothing is measured but work. The least of several, since others use the machine, too.
        let rounds = (0..10).map(|_| runtime(true).block_on(cost(store, pair)));
        println!("| {name} | {:.2} |", rounds.fold(f64::INFINITY, f64::min));
    }
    println!("| a program that only wakes up every 4 ms | {:.2} |", runtime(false).block_on(waking_up()));
    let _ = std::fs::remove_dir_all(directory);
}
