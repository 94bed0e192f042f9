//! Reading commands of about 100 bytes through the command table (limit 2 µs), its parts, and a script of 300 lines.

use anylog_master::{
    command::parse,
    script::{Condition, Key, Program, Scope, resolve, where_list, words},
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Same;

impl Scope for Same {
    fn variable(&self, _name: &str) -> Option<String> {
        Some("192.0.2.10".to_owned())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

const LINES: [(&str, &str); 3] = [
    (
        "where",
        "run tcp server where external_ip = !external_ip and external_port = 32048 and internal_ip = !ip and bind=true",
    ),
    (
        "json",
        "<new = {\"master\": {\"name\": \"master-node\", \"company\": \"My Company\", \"ip\": !ip, \"port\": 32048, \"rest_port\": 32049}}",
    ),
    (
        "condition",
        "if (!overlay_ip and !tcp_bind == true) or not !rest_bind then process !local_scripts/policies/node_policy.al",
    ),
];

const KEYS: &[Key] =
    &[Key::text("external_ip"), Key::int("external_port"), Key::text("internal_ip"), Key::bool("bind")];

/// Commands of 100 bytes, one per way of reading.
const COMMANDS: [(&str, &str); 6] = [
    (
        "run",
        "run tcp server where external_ip = !external_ip and external_port = 32048 and bind = true and threads = 6",
    ),
    (
        "connect",
        "connect dbms blockchain where type = psql and ip = !db_ip and port = 5432 and user = admin and memory=no",
    ),
    (
        "get",
        "blockchain get operator where company = \"My Company\" and port = 32148 bring.table [*] [*][name] [*][ip]",
    ),
    ("if", "if !overlay_ip and !tcp_bind == true then process !local_scripts/policies/node_policy.al # the own policy"),
    (
        "insert",
        "blockchain insert where policy = {\"master\": {\"name\": \"m1\", \"ip\": \"192.0.2.10\", \"port\": 32048}} and local=true",
    ),
    (
        "policy",
        "set policy new_policy [config][rest_port] = !anylog_rest_port.int and [config][name] = !config_name_of_this",
    ),
];

/// From the text to the typed command, references resolved.
fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("command");
    for (name, line) in COMMANDS {
        group.throughput(Throughput::Bytes(u64::try_from(line.len()).unwrap_or_default()));
        group.bench_function(name, |bencher| bencher.iter(|| parse(black_box(line), &Same)));
    }
    group.finish();
}

fn commands(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("words");
    for (name, line) in LINES {
        group.throughput(Throughput::Bytes(u64::try_from(line.len()).unwrap_or_default()));
        group.bench_function(name, |bencher| bencher.iter(|| words(black_box(line))));
    }
    group.finish();
    let [(_, list), _, (_, condition)] = LINES;
    criterion.bench_function("where list", |bencher| {
        bencher.iter(|| {
            let words = words(black_box(list))?;
            where_list(words.get(4..).unwrap_or_default(), &Same, KEYS)
        });
    });
    criterion.bench_function("condition", |bencher| {
        bencher.iter(|| {
            let words = words(black_box(condition))?;
            let end = words.iter().position(|word| word.is("then")).unwrap_or_default();
            Ok::<_, anylog_master::script::Error>(
                Condition::parse(words.get(1..end).unwrap_or_default(), &words)?.evaluate(&Same),
            )
        });
    });
    criterion
        .bench_function("reference", |bencher| bencher.iter(|| resolve(black_box("!anylog_server_port.int"), &Same)));
}

fn scripts(criterion: &mut Criterion) {
    let text = "if !a then b = 1\n# comment\n<x = {\"a\": 1,\n\"b\": 2}>\nelse goto label\nprint !x\n".repeat(50);
    criterion.bench_function("script of 300 lines", |bencher| bencher.iter(|| Program::parse(black_box(&text))));
}

criterion_group!(language, whole, commands, scripts);
criterion_main!(language);
