//! Reads a SQLite file with a statement, over a connection of its own that cannot write, sees two tables, and gives up when
//! its time, its memory or its caller is gone.

use crate::{
    ledger::store::{
        sql::{
            offered::{is_called_by_sqlite, is_table},
            row::{ReadLimits, ReadRows, RowObject},
            statement::SqlStatement,
        },
        statement_error::StatementError,
    },
    runtime::{
        limits::{SQL_AT_ONCE, SQL_MEMORY, SQL_VALUE},
        memory,
        workers::{Refused, Waited, Workers},
    },
};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, Row,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    types::ValueRef,
};
use serde_json::{Number, Value};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

/// Virtual machine steps of SQLite between two looks at the clock. One step handles one value at most.
const STEPS: i32 = 200;
/// Looks at the clock between two looks at the memory.
const LOOKS: u32 = 8;
/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_millis(1500);
/// What SQLite itself refuses: `LENGTH` is what a value or a row may have, and bounds what one step can take.
const LIMITS: [(Limit, i32); 6] = [
    (Limit::SQLITE_LIMIT_LENGTH, SQL_VALUE),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 64 * 1024),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Reads one file.
#[derive(Debug)]
pub struct SqliteReads {
    path: PathBuf,
    /// Longest time that a statement may take, whatever its caller may.
    longest: Duration,
    workers: Workers,
}

impl SqliteReads {
    /// Reads a file with two statements at a time, each for no longer than this.
    #[must_use]
    pub fn new(path: &Path, longest: Duration) -> Self {
        Self { path: path.to_owned(), longest, workers: Workers::with_threads("sql", SQL_AT_ONCE) }
    }

    /// Returns the rows of a statement.
    ///
    /// # Errors
    /// What the database says, and when a limit is reached.
    pub async fn rows(
        &self,
        caller: Option<IpAddr>,
        statement: SqlStatement,
        limits: ReadLimits,
    ) -> Result<Vec<RowObject>, StatementError> {
        let path = self.path.clone();
        let limits = ReadLimits { time: limits.time.min(self.longest), ..limits };
        let work = move |waited: &Waited| read(&path, &statement, limits, waited);
        self.workers.run(caller, work).await.unwrap_or_else(|refused| match refused {
            Refused::Busy => Err(StatementError::Busy),
            Refused::Failed => Err(StatementError::GivenUp),
        })
    }
}

fn read(
    path: &Path,
    statement: &SqlStatement,
    limits: ReadLimits,
    waited: &Waited,
) -> Result<Vec<RowObject>, StatementError> {
    let end = Arc::new(QueryEnd::default());
    let mut rows = ReadRows::new(limits);
    let failed = |error: rusqlite::Error| end.reason(limits).unwrap_or_else(|| statement_error(error));
    let connection = connect(path, limits, waited, &end).map_err(failed)?;
    let mut prepared = connection.prepare(statement.text()).map_err(failed)?;
    let columns: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let mut found = prepared.query([]).map_err(failed)?;
    while let Some(row) = found.next().map_err(failed)? {
        if !rows.add(object(row, &columns).map_err(failed)?)? {
            break;
        }
    }
    Ok(rows.into_rows())
}

fn connect(path: &Path, limits: ReadLimits, waited: &Waited, end: &Arc<QueryEnd>) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // What is sorted stays in the memory that is watched, and fills no directory.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    connection.authorizer(Some(authorize))?;
    let (until, waited, end) = (Instant::now() + limits.time, waited.clone(), Arc::clone(end));
    let before = memory::resident();
    let mut looks = 0;
    connection.progress_handler(
        STEPS,
        Some(move || {
            looks = (looks + 1) % LOOKS;
            let grown = || memory::resident().zip(before).is_some_and(|(now, before)| now > before + SQL_MEMORY);
            if Instant::now() >= until {
                end.because(QueryEnd::TIME)
            } else if waited.is_over() {
                end.because(QueryEnd::GIVEN_UP)
            } else {
                looks == 0 && grown() && end.because(QueryEnd::MEMORY)
            }
        }),
    )?;
    Ok(connection)
}

/// Why a statement was interrupted.
#[derive(Debug, Default)]
struct QueryEnd(AtomicU8);

impl QueryEnd {
    const TIME: u8 = 1;
    const MEMORY: u8 = 2;
    const GIVEN_UP: u8 = 3;

    /// Notes the reason and tells the database to stop.
    fn because(&self, reason: u8) -> bool {
        self.0.store(reason, Ordering::Relaxed);
        true
    }

    fn reason(&self, limits: ReadLimits) -> Option<StatementError> {
        match self.0.load(Ordering::Relaxed) {
            Self::TIME => Some(StatementError::TooLong(limits.time)),
            Self::MEMORY => Some(StatementError::TooMuchMemory(SQL_MEMORY)),
            Self::GIVEN_UP => Some(StatementError::GivenUp),
            _ => None,
        }
    }
}

/// Lets SQLite do for a statement what was found in it, and nothing else.
fn authorize(context: AuthContext<'_>) -> Authorization {
    let is_allowed = match context.action {
        AuthAction::Select => true,
        AuthAction::Read { table_name, .. } => is_table(table_name) || context.database_name.is_none(),
        AuthAction::Function { function_name } => is_called_by_sqlite(function_name),
        _ => false,
    };
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}

fn object(row: &Row<'_>, columns: &[String]) -> rusqlite::Result<RowObject> {
    let value = |(at, name): (usize, &String)| Ok((name.clone(), value(row.get_ref(at)?)));
    columns.iter().enumerate().map(value).collect()
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => std::str::from_utf8(bytes).map_or(Value::Null, Value::from),
    }
}

/// Tells what a statement fails of. SQLite has one code for all mistakes in a statement, so its message alone says whether a
/// name is missing.
fn statement_error(error: rusqlite::Error) -> StatementError {
    let message = match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    let is_too_big = error.sqlite_error_code() == Some(ErrorCode::TooBig);
    match missing_name(&message) {
        _ if is_too_big => StatementError::LargeValue(SQL_VALUE.unsigned_abs()),
        Some(("no such table", name)) => StatementError::UnknownTable(name.to_owned()),
        Some(("no such column", name)) => StatementError::UnknownColumn(name.to_owned()),
        _ => StatementError::Failed(message),
    }
}

fn missing_name(message: &str) -> Option<(&str, &str)> {
    let (what, name) = message.split_once(": ")?;
    Some((what, name.split(' ').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::store::engine::Engine;

    const TIME: ReadLimits = ReadLimits { bytes: 1_000_000, time: Duration::from_secs(5) };

    fn file() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let connection = Connection::open(directory.path().join("a.dbms")).unwrap();
        let tables = "CREATE TABLE ledger (policy_id varchar, policy varchar, n integer, r real);
            CREATE TABLE policy_history (policy_id varchar); CREATE TABLE secrets (a);
            INSERT INTO ledger WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000)
              SELECT 'id' || x, json_object('a', x), x, x / 4.0 FROM c";
        connection.execute_batch(tables).unwrap();
        directory
    }

    fn ask(directory: &tempfile::TempDir, sql: &str, limits: ReadLimits) -> Result<Vec<RowObject>, StatementError> {
        let statement = SqlStatement::parse(sql, Engine::Sqlite).unwrap();
        read(&directory.path().join("a.dbms"), &statement, limits, &Waited::default())
    }

    #[test]
    fn rows_have_the_values_of_the_database() {
        let file = file();
        let ask = |sql: &str| Value::from_iter(ask(&file, sql, TIME).unwrap()).to_string();
        let one =
            ask("select policy_id, n, r, null as e, policy ->> 'a' as a from ledger where policy like '%:2}' or n = 2");
        assert_eq!(one, r#"[{"policy_id":"id2","n":2,"r":0.5,"e":null,"a":2}]"#);
        assert_eq!(ask("select count(*) from ledger"), r#"[{"count(*)":2000}]"#);
        let grouped =
            "select x.m, count(*) as c from (select n % 2 as m from ledger) x group by x.m order by c desc, x.m";
        assert_eq!(ask(grouped), r#"[{"m":0,"c":1000},{"m":1,"c":1000}]"#);
        let nested =
            "select count(*) as c from ledger l join ledger m on m.n = l.n and exists (select 1 from policy_history)";
        assert_eq!(ask(nested), r#"[{"c":0}]"#);
        assert_eq!(ask("select max(trim(upper(policy_id))) as m from ledger where n in (7, 9)"), r#"[{"m":"ID9"}]"#);
    }

    #[test]
    fn each_limit_ends_a_statement() {
        let file = file();
        let product = "select count(*) from ledger a, ledger b, ledger c, ledger d";
        let short = ReadLimits { time: Duration::from_millis(50), ..TIME };
        assert!(matches!(ask(&file, product, short), Err(StatementError::TooLong(time)) if time == short.time));
        let small = ReadLimits { bytes: 10_000, ..TIME };
        assert!(matches!(ask(&file, "select * from ledger", small), Err(StatementError::TooLarge(10_000))));
        let long = format!("select {} as x from ledger", ["policy"; 7].join(" || "));
        assert!(ask(&file, &long, TIME).is_ok());
        let statement = SqlStatement::parse(product, Engine::Sqlite).unwrap();
        let workers = Workers::new("test");
        let path = file.path().join("a.dbms");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let given_up = runtime.block_on(async {
            let (sender, ended) = std::sync::mpsc::sync_channel(1);
            let work = move |waited: &Waited| sender.send(read(&path, &statement, TIME, waited).is_err()).unwrap();
            let running = workers.run(None, work);
            assert!(tokio::time::timeout(Duration::from_millis(50), running).await.is_err());
            ended.recv_timeout(Duration::from_secs(4))
        });
        assert_eq!(given_up, Ok(true), "it ends before its time, as nobody waits for it");
    }

    #[tokio::test]
    async fn a_file_may_give_a_statement_less_time_than_its_caller() {
        let file = file();
        let reads = SqliteReads::new(&file.path().join("a.dbms"), Duration::from_millis(50));
        let product = "select count(*) from ledger a, ledger b, ledger c, ledger d";
        let product = SqlStatement::parse(product, Engine::Sqlite).unwrap();
        let told = reads.rows(None, product, TIME).await.unwrap_err().to_string();
        assert_eq!(told, "the statement takes longer than 50 ms; ask for less");
    }

    #[test]
    fn the_connection_sees_two_tables_and_cannot_write() {
        let file = file();
        let connection = connect(&file.path().join("a.dbms"), TIME, &Waited::default(), &Arc::default()).unwrap();
        for sql in [
            "select * from secrets",
            "select * from sqlite_master",
            "select hex(policy) from ledger",
            "select zeroblob(10)",
            "insert into ledger (n) values (1)",
            "delete from ledger",
            "drop table ledger",
            "attach ':memory:' as x",
            "pragma user_version",
            "create temp table x (a)",
            "select * from pragma_table_info('ledger')",
            "select load_extension('x')",
            "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c",
        ] {
            assert!(connection.prepare(sql).is_err(), "{sql}");
        }
        assert!(connection.prepare("select policy from ledger").is_ok());
    }

    #[test]
    fn names_that_are_missing_are_found_in_the_messages() {
        let file = file();
        let error = ask(&file, "select nosuch from ledger", TIME).unwrap_err();
        assert!(matches!(&error, StatementError::UnknownColumn(name) if name == "nosuch"), "{error}");
        assert_eq!(missing_name("near \"x\": syntax error"), Some(("near \"x\"", "syntax")));
    }
}
