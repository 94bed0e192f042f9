//! What a statement may be: one SELECT on the tables of the ledger. It is parsed, and only what is known here is let through;
//! the database gets the text that is made of what was parsed, so that it cannot read anything else in it.

use crate::ledger::store::{engine::Engine, sql::offered::is_table, statement_error::StatementError};
use sqlparser::{
    ast::{
        Distinct, Expr, Fetch, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, LimitClause, ObjectName, Offset,
        OrderBy, OrderByExpr, OrderByKind, OrderByOptions, OrderBySort, Query, Select, SelectFlavor, SelectItem,
        SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor, TableWithJoins, Value,
        WildcardAdditionalOptions,
    },
    dialect::{Dialect, PostgreSqlDialect, SQLiteDialect},
    parser::{Parser, ParserError, ParserOptions},
    tokenizer::{Token, Tokenizer, Whitespace},
};

/// Bytes of a statement.
const BYTES: usize = 16 * 1024;
/// Words, signs and values of a statement: it is read by functions that call themselves.
const TOKENS: usize = 2000;
/// Texts that are joined by `||`. Inside each other each may double a text.
const JOINED_TEXTS: usize = 6;

/// A statement that may be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlStatement {
    text: String,
    titles: Vec<Option<String>>,
}

impl SqlStatement {
    /// Reads a statement for a kind of database.
    ///
    /// # Errors
    /// What of it is not offered, or cannot be read.
    pub fn parse(text: &str, engine: Engine) -> Result<Self, StatementError> {
        let dialect: &dyn Dialect = match engine {
            Engine::Sqlite => &SQLiteDialect {},
            Engine::Postgres => &PostgreSqlDialect {},
        };
        let text = text.trim().trim_end_matches(';').trim();
        let query = read(text, dialect)?;
        let mut checker = Checker { engine, joined_texts: 0 };
        checker.query(&query)?;
        let written = query.to_string();
        // What is run is what was checked, also where the two are written in different ways.
        match read(&written, dialect) {
            Ok(again) if again == query => Ok(Self { text: written, titles: titles(&query) }),
            _ => Err(not_offered(format!("a statement of this form: {text}"))),
        }
    }

    /// Returns the text for the database.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how each column is called that is a function without a name: as it is written.
    #[must_use]
    pub fn titles(&self) -> &[Option<String>] {
        &self.titles
    }
}

/// Reads one SELECT.
fn read(text: &str, dialect: &dyn Dialect) -> Result<Query, StatementError> {
    if text.contains('\0') {
        return Err(not_offered("a character of the number 0"));
    }
    if text.len() > BYTES {
        return Err(not_offered(format!("a statement of more than {BYTES} bytes")));
    }
    // Texts stay as they were written: what is undone here would have to be done again for the database.
    let tokens = Tokenizer::new(dialect, text).with_unescape(false).tokenize();
    let tokens = tokens.map_err(|error| unreadable(&error.into()))?;
    let is_comment = |token: &Token| {
        let Token::Whitespace(space) = token else { return false };
        matches!(space, Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
    };
    if tokens.iter().any(is_comment) {
        return Err(not_offered("a comment"));
    }
    if tokens.len() > TOKENS {
        return Err(not_offered(format!("a statement of more than {TOKENS} words and signs")));
    }
    if !matches!(tokens.first(), Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("select")) {
        return Err(StatementError::NotSelect(text.to_owned()));
    }
    if tokens.contains(&Token::SemiColon) {
        return Err(StatementError::SeveralStatements(text.to_owned()));
    }
    let options = ParserOptions::new().with_unescape(false);
    let statements = Parser::new(dialect).with_options(options).with_tokens(tokens).parse_statements();
    match <[Statement; 1]>::try_from(statements.map_err(|error| unreadable(&error))?) {
        Ok([Statement::Query(query)]) => Ok(*query),
        Ok(_) => Err(StatementError::NotSelect(text.to_owned())),
        Err(_) => Err(StatementError::SeveralStatements(text.to_owned())),
    }
}

fn unreadable(error: &ParserError) -> StatementError {
    StatementError::Unreadable(match error {
        ParserError::TokenizerError(why) | ParserError::ParserError(why) => why.clone(),
        ParserError::RecursionLimitExceeded => "too much stands inside each other".to_owned(),
    })
}

pub(super) fn not_offered(what: impl Into<String>) -> StatementError {
    StatementError::NotOffered(what.into())
}

/// Returns how the columns of functions are called.
fn titles(query: &Query) -> Vec<Option<String>> {
    let SetExpr::Select(select) = &*query.body else { return Vec::new() };
    let title = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expression) => Some(expression.to_string()).filter(|text| text.ends_with(')')),
        _ => None,
    };
    select.projection.iter().map(title).collect()
}

/// Looks through a statement. Every part of it is named in a pattern, so that one that a later version of the parser knows
/// cannot come through unseen.
pub(super) struct Checker {
    pub(super) engine: Engine,
    joined_texts: usize,
}

impl Checker {
    pub(super) fn query(&mut self, query: &Query) -> Result<(), StatementError> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        if with.is_some() {
            return Err(not_offered("WITH"));
        }
        let is_plain = locks.is_empty()
            && for_clause.is_none()
            && settings.is_none()
            && format_clause.is_none()
            && pipe_operators.is_empty();
        if !is_plain {
            return Err(not_offered("a clause behind SELECT other than ORDER BY, LIMIT and OFFSET"));
        }
        let SetExpr::Select(select) = &**body else {
            return Err(not_offered("anything but one SELECT: UNION, VALUES, TABLE"));
        };
        self.select(select)?;
        if let Some(OrderBy { kind, interpolate }) = order_by {
            let (OrderByKind::Expressions(expressions), None) = (kind, interpolate) else {
                return Err(not_offered("this form of ORDER BY"));
            };
            expressions.iter().try_for_each(|expression| self.order(expression))?;
        }
        limit_clause.as_ref().map_or(Ok(()), limit)?;
        fetch.as_ref().map_or(Ok(()), |fetch| match fetch {
            Fetch { with_ties: false, percent: false, quantity } => quantity.as_ref().map_or(Ok(()), number),
            Fetch { .. } => Err(not_offered("this form of FETCH")),
        })
    }

    fn select(&mut self, select: &Select) -> Result<(), StatementError> {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        if into.is_some() {
            return Err(not_offered("INTO"));
        }
        let is_plain = optimizer_hints.is_empty()
            && select_modifiers.is_none()
            && top.is_none()
            && exclude.is_none()
            && lateral_views.is_empty()
            && prewhere.is_none()
            && connect_by.is_empty()
            && cluster_by.is_empty()
            && distribute_by.is_empty()
            && sort_by.is_empty()
            && named_window.is_empty()
            && qualify.is_none()
            && value_table_mode.is_none()
            && matches!(flavor, SelectFlavor::Standard)
            && matches!(distinct, None | Some(Distinct::All | Distinct::Distinct));
        if !is_plain {
            return Err(not_offered("a part of SELECT other than DISTINCT, FROM, WHERE, GROUP BY and HAVING"));
        }
        projection.iter().try_for_each(|item| self.item(item))?;
        from.iter().try_for_each(|tables| self.tables(tables))?;
        match group_by {
            GroupByExpr::Expressions(expressions, modifiers) if modifiers.is_empty() => self.all(expressions)?,
            GroupByExpr::Expressions(..) | GroupByExpr::All(_) => return Err(not_offered("this form of GROUP BY")),
        }
        self.all(selection)?;
        self.all(having)
    }

    fn item(&mut self, item: &SelectItem) -> Result<(), StatementError> {
        match item {
            SelectItem::UnnamedExpr(expression) => self.expression(expression),
            SelectItem::ExprWithAlias { expr, alias } => {
                name(alias)?;
                self.expression(expr)
            }
            SelectItem::Wildcard(options) => every_column(options),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), options) => {
                single(table)?;
                every_column(options)
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _)
            | SelectItem::ExprWithAliases { .. } => Err(not_offered("this form of a column")),
        }
    }

    fn tables(&mut self, tables: &TableWithJoins) -> Result<(), StatementError> {
        let TableWithJoins { relation, joins } = tables;
        self.table(relation)?;
        for Join { relation, global, join_operator } in joins {
            if *global {
                return Err(not_offered("GLOBAL"));
            }
            self.table(relation)?;
            self.join(join_operator)?;
        }
        Ok(())
    }

    fn join(&mut self, operator: &JoinOperator) -> Result<(), StatementError> {
        use JoinOperator as Op;
        let (Op::Join(constraint)
        | Op::Inner(constraint)
        | Op::Left(constraint)
        | Op::LeftOuter(constraint)
        | Op::Right(constraint)
        | Op::RightOuter(constraint)
        | Op::FullOuter(constraint)
        | Op::CrossJoin(constraint)) = operator
        else {
            return Err(not_offered("this form of JOIN"));
        };
        match constraint {
            JoinConstraint::On(expression) => self.expression(expression),
            JoinConstraint::Using(columns) => columns.iter().try_for_each(|column| single(column).map(|_| ())),
            JoinConstraint::Natural | JoinConstraint::None => Ok(()),
            JoinConstraint::UsingAlias(..) => Err(not_offered("USING with AS")),
        }
    }

    fn table(&mut self, table: &TableFactor) -> Result<(), StatementError> {
        match table {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_directives,
                inheritance: None,
            } if with_hints.is_empty() && partitions.is_empty() && index_directives.is_empty() => {
                let table = single(name).map_err(|_| StatementError::UnknownTable(name.to_string()))?;
                if !is_table(&table.value) {
                    return Err(StatementError::UnknownTable(table.value.clone()));
                }
                alias.as_ref().map_or(Ok(()), alias_of)
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                alias.as_ref().map_or(Ok(()), alias_of)?;
                self.query(subquery)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.tables(table_with_joins),
            other => Err(not_offered(format!("to read from {other}"))),
        }
    }

    fn order(&mut self, expression: &OrderByExpr) -> Result<(), StatementError> {
        let OrderByExpr { expr, options: OrderByOptions { sort, nulls_first: _ }, with_fill } = expression;
        if with_fill.is_some() || matches!(sort, Some(OrderBySort::Using(_))) {
            return Err(not_offered("this form of ORDER BY"));
        }
        self.expression(expr)
    }

    pub(super) fn all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) -> Result<(), StatementError> {
        expressions.into_iter().try_for_each(|expression| self.expression(expression))
    }

    /// Counts one more text that is joined to another.
    pub(super) fn joins_texts(&mut self) -> Result<(), StatementError> {
        self.joined_texts += 1;
        if self.joined_texts > JOINED_TEXTS {
            return Err(not_offered(format!("|| more than {JOINED_TEXTS} times")));
        }
        Ok(())
    }
}

/// Checks a name: what is quoted may hold nothing that ends it.
pub(super) fn name(name: &Ident) -> Result<(), StatementError> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '.' | '(' | ')' | '*');
    if name.value.chars().all(is_plain) { Ok(()) } else { Err(not_offered(format!("the name {name}"))) }
}

/// Returns the one part of a name.
pub(super) fn single(full: &ObjectName) -> Result<&Ident, StatementError> {
    let one = match full.0.as_slice() {
        [part] => part.as_ident(),
        _ => None,
    };
    let one = one.ok_or_else(|| not_offered(format!("the name {full}")))?;
    name(one)?;
    Ok(one)
}

fn alias_of(alias: &TableAlias) -> Result<(), StatementError> {
    let TableAlias { explicit: _, name: own, columns, at } = alias;
    if !columns.is_empty() || at.is_some() {
        return Err(not_offered("names of columns behind the name of a table"));
    }
    name(own)
}

fn every_column(options: &WildcardAdditionalOptions) -> Result<(), StatementError> {
    let WildcardAdditionalOptions {
        wildcard_token: _,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let is_plain = opt_ilike.is_none()
        && opt_exclude.is_none()
        && opt_except.is_none()
        && opt_replace.is_none()
        && opt_rename.is_none()
        && opt_alias.is_none();
    if is_plain { Ok(()) } else { Err(not_offered("anything behind *")) }
}

fn limit(limit: &LimitClause) -> Result<(), StatementError> {
    match limit {
        LimitClause::LimitOffset { limit, offset, limit_by } if limit_by.is_empty() => {
            limit.as_ref().map_or(Ok(()), number)?;
            offset.as_ref().map_or(Ok(()), |Offset { value, rows: _ }| number(value))
        }
        LimitClause::LimitOffset { .. } => Err(not_offered("LIMIT BY")),
        LimitClause::OffsetCommaLimit { offset, limit } => {
            number(offset)?;
            number(limit)
        }
    }
}

fn number(expression: &Expr) -> Result<(), StatementError> {
    match expression {
        Expr::Value(value) if matches!(value.value, Value::Number(_, false)) => Ok(()),
        other => Err(not_offered(format!("{other} where a number is expected"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

    fn text(statement: &str, engine: Engine) -> String {
        SqlStatement::parse(statement, engine).unwrap_or_else(|error| panic!("{statement}: {error}")).text
    }

    #[test]
    fn what_people_ask_the_ledger_is_offered() {
        for statement in [
            "SELECT policy_type FROM ledger",
            "SELECT * FROM ledger LIMIT 4",
            "SELECT count(*) FROM ledger WHERE policy_type = 'sensor'",
            "SELECT policy_type, count(*) AS n FROM ledger GROUP BY policy_type HAVING count(*) > 1 ORDER BY n DESC",
            "SELECT DISTINCT l.policy_type FROM ledger AS l WHERE l.policy LIKE '%O''Neil%' AND NOT l.date > '2026-01-01'",
            "SELECT max(coalesce(company_name, '-')), min(length(policy)) FROM ledger",
            "SELECT l.policy_id, h.what FROM ledger AS l LEFT JOIN policy_history AS h ON h.policy_id = l.policy_id",
            "SELECT policy_id FROM ledger WHERE policy_id IN (SELECT policy_id FROM policy_history WHERE what = 'replace')",
            "SELECT CASE WHEN status IS NULL THEN 'new' ELSE status END FROM ledger WHERE policy_id IN ('a', 'b')",
            "SELECT CAST(sequence_id AS TEXT) || ':' || policy_id FROM ledger WHERE sequence_id BETWEEN 1 AND 5",
            "SELECT a.n FROM (SELECT count(*) AS n FROM ledger) AS a",
            "SELECT policy ->> 'master' FROM ledger",
        ] {
            for engine in ENGINES {
                assert_eq!(text(statement, engine), statement, "{engine}");
            }
        }
        assert_eq!(text(" select Policy_Type from LEDGER ; ", Engine::Sqlite), "SELECT Policy_Type FROM LEDGER");
        let postgres =
            "SELECT (policy::JSON) ->> 'a', EXTRACT(YEAR FROM date), substring(policy FROM 1 FOR 3) FROM ledger";
        assert!(SqlStatement::parse(postgres, Engine::Postgres).is_ok());
        assert!(SqlStatement::parse("SELECT json_extract(policy, '$.a') FROM ledger", Engine::Sqlite).is_ok());
    }

    #[test]
    fn everything_else_is_not() {
        let many = format!("SELECT {} FROM ledger", vec!["1"; 1500].join("+"));
        let mut wrong = Vec::new();
        let deep = format!("SELECT {}1{} FROM ledger", "(".repeat(900), ")".repeat(900));
        for statement in [
            "",
            "drop table ledger",
            "delete from ledger",
            "select 1; drop table ledger",
            "select 1 --",
            "select 1 /* */",
            "select 1 /*! from x */",
            "with x as (select 1) select * from x",
            "select * from (with x as (select 1) select * from x) y",
            "select 1 union select 2",
            "table ledger",
            "values (1)",
            "select * into x from ledger",
            "select * from ledger for update",
            "select * from public.ledger",
            "select * from main.ledger",
            "select * from pg_catalog.pg_shadow",
            "select * from pg_shadow",
            "select * from sqlite_master",
            "select * from ledger, pg_authid",
            "select * from ledger where policy_id in (select passwd from pg_shadow)",
            "select (select rolpassword from pg_authid limit 1)",
            "select * from generate_series(1, 1000000000)",
            "select * from json_each(1)",
            "select * from pragma_table_info('ledger')",
            "select * from lateral (select 1) x",
            "select pg_read_file('/etc/passwd')",
            "select \"pg_read_file\"('/etc/passwd')",
            "select pg_catalog.pg_read_file('/etc/passwd')",
            "select word from ts_stat('select pg_r' || 'ead_file(1)')",
            "select query_to_xml('select 1', true, true, '')",
            "select hex(zeroblob(4000000)) from ledger",
            "select instr(zeroblob(1000000), zeroblob(500000)) from ledger",
            "select randomblob(9) from ledger",
            "select printf('%99999999d', 1) from ledger",
            "select format('%s', 1) from ledger",
            "select replace(policy, 'a', 'aaaaaaaa') from ledger",
            "select group_concat(policy) from ledger",
            "select string_agg(policy, '') from ledger",
            "select repeat('a', 1000000000) from ledger",
            "select lpad('a', 1000000000) from ledger",
            "select load_extension('x') from ledger",
            "select current_setting('x') from ledger",
            "select set_config('x', 'y', false) from ledger",
            "select policy_id::regclass from ledger",
            "select cast('a' as char(1000000000)) from ledger",
            "select policy ~ '(a*)*b' from ledger",
            "select policy similar to '(a*)*b' from ledger",
            "select policy regexp 'x' from ledger",
            "select policy glob 'x' from ledger",
            "select 2 ^ 99999 from ledger",
            "select count(*) over () from ledger",
            "select array[1, 2] from ledger",
            "select $$a$$ from ledger",
            "select U&'a' from ledger",
            "select x'00' from ledger",
            "select ? from ledger",
            "select $1 from ledger",
            "select :a from ledger",
            "select * from ledger limit (select 1)",
            "select policy||policy||policy||policy||policy||policy||policy||policy from ledger",
            "select a.b.c from ledger",
            "select 'a\0b' from ledger",
            "select top 1 * from ledger",
            "select * from ledger tablesample system (1)",
            "select * from ledger as l (a, b)",
            &many,
            &deep,
        ] {
            let offered = |engine: &&Engine| SqlStatement::parse(statement, **engine).is_ok();
            wrong.extend(ENGINES.iter().filter(offered).map(|engine| (engine, statement)));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // SQLite takes it for a column and its name.
        assert!(SqlStatement::parse("select E'a' from ledger", Engine::Postgres).is_err());
    }

    #[test]
    fn texts_reach_the_database_as_they_were_written() {
        for literal in [r"'\'", r"'a\'", r"'\\'", "''", "''''", "'a''b'", r"'\'''", r"'\'' or 1=1'"] {
            let statement = format!("SELECT policy_id FROM ledger WHERE policy_id = {literal}");
            for engine in ENGINES {
                assert_eq!(text(&statement, engine), statement, "{engine}");
            }
        }
    }

    #[test]
    fn functions_are_called_as_they_are_written() {
        let statement = "select max(coalesce(a, b)), count(*) as n, policy_type, lower(policy_id) FROM ledger";
        let read = SqlStatement::parse(statement, Engine::Postgres).unwrap();
        let titles: Vec<_> = read.titles().iter().map(Option::as_deref).collect();
        assert_eq!(titles, [Some("max(coalesce(a, b))"), None, None, Some("lower(policy_id)")]);
    }
}
